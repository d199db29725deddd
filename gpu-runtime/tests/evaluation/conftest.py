import pytest

from atelier_runtime.world.vocabulary import Atlas, preset


@pytest.fixture(scope="session")
def atlas():
    return Atlas()


@pytest.fixture(scope="session")
def pilot(atlas):
    return preset("pilot", atlas)


@pytest.fixture(scope="session")
def tiny(atlas):
    return preset("tiny", atlas)
