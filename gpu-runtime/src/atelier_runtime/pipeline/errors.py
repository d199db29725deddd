"""What a request can fail with; the server turns each into its own status code."""


class InferenceInputError(ValueError):
    """The request can never succeed with these weights."""


class InferenceMemoryError(RuntimeError):
    """Memory ran out; a smaller plan may succeed."""


class DenoiseAborted(RuntimeError):
    """The caller went away or asked to stop."""


class WeightsError(RuntimeError):
    """A weights folder is missing, incomplete, changed or not for this runtime."""


_MEMORY_WORDS = ("out of memory", "can't allocate memory", "failed to allocate", "bad_alloc")


def is_exhausted_memory(error: BaseException) -> bool:
    """PyTorch says it on the CPU by words alone."""
    if isinstance(error, (MemoryError, InferenceMemoryError)) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _MEMORY_WORDS)


def is_lost_device(error: BaseException) -> bool:
    """After a fault of the card every later call of the process fails: it must end and start anew."""
    return type(error).__name__ == "AcceleratorError" or (isinstance(error, RuntimeError) and "CUDA error" in str(error))
