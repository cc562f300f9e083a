"""The fixtures under the runners that people have: xdist, asyncio, anyio (trio), Twisted, unittest, pytest-socket."""

from __future__ import annotations

import pytest

pytest_plugins = ("pytester",)


def test_xdist(project):
    project.test("""
        import pytest

        @pytest.mark.parametrize("n", range(6))
        def test_it(sipreg, sipreg_factory, n):
            lasting = sipreg_factory.start()
            lasting.add_account(f"trunk{n}", "right-one")
            lasting.user_agent(f"trunk{n}", secret="wrong-one").register()
            assert n != 4, f"SEED{sipreg.seed}"
        """)
    one = project.run("--sipreg-seed=4711", "-n2", "--junitxml=out.xml", plugins=["xdist.plugin"])
    one.assert_outcomes(passed=5, failed=1)
    one.stdout.fnmatch_lines(["*- SIP traffic -*", "*refused: wrong-password*", "seed 4711:*"])
    assert 'name="sipreg_refused" value="wrong-password"' in (project.path / "out.xml").read_text(encoding="utf-8")
    two = project.here("--sipreg-seed=4711", "-k", "4")
    (seed,) = {word for line in two.outlines for word in line.split() if word.startswith("SEED")}
    assert seed in one.stdout.str()


def test_one_seed_for_all_workers(project):
    project.test("""
        import pytest

        @pytest.mark.parametrize("n", range(4))
        def test_it(sipreg_config, n):
            assert 0, f"SEED{sipreg_config.seed}"
        """)
    result = project.run("-n2", plugins=["xdist.plugin"])
    result.assert_outcomes(failed=4)
    assert len({line.split("SEED")[1] for line in result.outlines if line.startswith("E ") and "SEED" in line}) == 1


ASYNC = """
async def logs_in(sipreg):
    account = sipreg.add_account("trunk1")
    client = sipreg.user_agent(account)
    waiting = sipreg.future_wait_for_registration(account)
    assert not waiting.done()
    client.register()
    binding = await sipreg.async_wait_for_registration(account)
    assert binding.account == waiting.result(10).account == "trunk1"
"""


def test_pytest_asyncio(project):
    project.ini("asyncio_mode = strict")
    project.test(
        "import pytest, pytest_asyncio\n"
        + ASYNC
        + """
@pytest_asyncio.fixture
async def behind(sipreg):
    yield sipreg

@pytest.mark.asyncio
async def test_it(sipreg, behind):
    assert sipreg is behind
    await logs_in(sipreg)
"""
    )
    project.run("-W", "default", plugins=["pytest_asyncio.plugin"]).assert_outcomes(passed=1)


def test_anyio_and_trio(project):
    project.test(
        "import pytest\n"
        + ASYNC
        + """
@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param

@pytest.mark.anyio
async def test_it(sipreg):
    await logs_in(sipreg)

@pytest.mark.anyio
async def test_a_failure_has_its_section(sipreg):
    await logs_in(sipreg)
    assert 0
"""
    )
    result = project.run(plugins=["anyio.pytest_plugin"])
    result.assert_outcomes(passed=2, failed=2)
    assert result.stdout.str().count("- SIP traffic -") == 2


@pytest.mark.parametrize("reactor", ["default", "asyncio"])
def test_pytest_twisted(project, reactor):
    project.test(
        "import pytest, pytest_twisted\n"
        + ASYNC
        + """
@pytest_twisted.ensureDeferred
async def test_it(sipreg):
    from twisted.internet import reactor
    await logs_in(sipreg)

@pytest_twisted.inlineCallbacks
def test_generator(sipreg):
    from twisted.internet import defer
    yield defer.succeed(None)
    sipreg.assert_not_registered(sipreg.add_account("a"))
"""
    )
    result = project.run(f"--reactor={reactor}", "-W", "default", plugins=["pytest_twisted"])
    result.assert_outcomes(passed=2)


def test_unittest(project):
    project.test("""
        import pytest, unittest

        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _carrier(self, sipreg):
                self.carrier = sipreg

            @pytest.mark.sipreg(min_expires=7)
            def test_one(self):
                self.assertEqual(self.carrier.settings.min_expires, 7)

            def test_two(self):
                self.carrier.user_agent("a").register()
                self.fail("on purpose")
        """)
    result = project.here()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*- SIP traffic -*", "*200 OK*"])


SOCKET = """
import pytest

def test_blocked(sipreg):
    pass

@pytest.mark.enable_socket
def test_enabled(sipreg):
    sipreg.user_agent("a").register()
"""


@pytest.mark.parametrize("warnings", ["default", "error"])
def test_pytest_socket_says_what_lifts_the_block(project, warnings):
    project.test(SOCKET)
    project.write("sip.conf", project.good)  # pytest-socket guards functions only
    result = project.run("--disable-socket", "--sipreg", "-W", warnings, plugins=["pytest_socket"])
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["E *SocketBlockedError: pytest-socket keeps the mock SIP carrier*enable_socket*"])


def test_pytest_socket_with_the_host_allowed(project):
    project.test(SOCKET)
    project.write("sip.conf", project.good)
    result = project.run("--disable-socket", "--allow-hosts=127.0.0.1", "--sipreg", plugins=["pytest_socket"])
    result.assert_outcomes(passed=4)
