"""Messages and service of `libs/contracts/proto/inference.v1.proto`, read from that file when the process starts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

CONTRACT = Path(__file__).parents[4] / "libs" / "contracts" / "proto" / "inference.v1.proto"
PACKAGE = "atelier.inference.v1"
SERVICE = f"{PACKAGE}.Inference"


class ContractError(RuntimeError):
    """The proto file is missing or broken."""


def load_messages(path: Path = CONTRACT) -> SimpleNamespace:
    """Message classes by their names, and `methods`: name -> method descriptor. Errors: ContractError."""
    with tempfile.TemporaryDirectory() as scratch:
        compiled = Path(scratch) / "contract.bin"
        arguments = ["protoc", f"--proto_path={path.parent}", f"--descriptor_set_out={compiled}", str(path)]
        if not path.is_file() or protoc.main(arguments) != 0:
            raise ContractError(f"{path.name} cannot be read")
        files = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    classes = message_factory.GetMessageClassesForFiles([file.name for file in files.file], pool)
    messages = SimpleNamespace(**{name.removeprefix(f"{PACKAGE}."): found for name, found in classes.items()})
    messages.methods = dict(pool.FindServiceByName(SERVICE).methods_by_name)
    return messages


def service_handlers(messages: SimpleNamespace, service: object) -> grpc.GenericRpcHandler:
    """Binds the methods of `service`, named as in the proto file, to their calls."""
    handlers = {}
    for name, method in messages.methods.items():
        kind = "stream_stream" if method.client_streaming else "unary_unary"
        request, response = (getattr(messages, type_.name) for type_ in (method.input_type, method.output_type))
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        handlers[name] = make(getattr(service, name), request.FromString, response.SerializeToString)
    return grpc.method_handlers_generic_handler(SERVICE, handlers)
