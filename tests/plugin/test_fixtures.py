"""The fixtures: a fresh carrier per test, as many as wanted, one for the session, its settings and its TLS."""

from __future__ import annotations

pytest_plugins = ("pytester",)


def test_a_fresh_carrier_for_each_test(project):
    project.test("""
        ports = []

        def test_one(sipreg):
            account = sipreg.add_account("trunk1")
            assert sipreg.user_agent(account).register()
            sipreg.assert_registered("trunk1")
            ports.append(sipreg.address("udp").port)
            assert sipreg.address("tcp").port == ports[0]

        def test_two(sipreg):
            sipreg.add_account("trunk1")
            sipreg.assert_not_registered("trunk1")

        def test_the_first_is_closed():
            import socket
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.bind(("127.0.0.1", ports[0]))
        """)
    project.here().assert_outcomes(passed=3)


def test_make_sipreg(project):
    project.test("""
        made = []

        def test_several(make_sipreg, sipreg):
            one, two = make_sipreg(realm="one"), make_sipreg(realm="two", min_expires=5)
            made.extend([one, two])
            assert len({one.port, two.port, sipreg.port}) == 3
            assert (one.realm, two.realm, two.settings.min_expires) == ("one", "two", 5)
            assert len({one.seed, two.seed, sipreg.seed}) == 3

        def test_all_are_closed():
            assert [repr(carrier) for carrier in made] == ["<MockRegistrar carrier not running>"] * 2

        def test_a_mistake(make_sipreg):
            import pytest
            from mockregistrar import SettingsError
            with pytest.raises(SettingsError, match="realms: no such setting; did you mean `realm`"):
                make_sipreg(realms="x")
        """)
    project.here().assert_outcomes(passed=3)


def test_one_carrier_for_the_session_and_its_traffic_by_test(project):
    project.test("""
        import pytest

        @pytest.fixture(scope="session")
        def carrier(sipreg_factory):
            carrier = sipreg_factory.start(realm="lasting")
            carrier.add_account("trunk1", "right-one")
            return carrier

        ports = set()

        def test_one(carrier):
            ports.add(carrier.port)
            carrier.user_agent("trunk1", secret="wrong-one").register()
            assert 0

        def test_two(carrier):
            ports.add(carrier.port)
            carrier.user_agent("trunk1").register()
            assert len(ports) == 1
            assert 0
        """)
    result = project.here()
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    first, second = text.split("_ test_two _")
    assert "sipreg_factory  carrier on 127.0.0.1" in first
    assert "wrong-password" in first
    assert "200 OK" not in first
    assert "200 OK" in second.partition("short test summary")[0]
    assert "wrong-password" not in second.partition("short test summary")[0]
    assert "realm = 'lasting'  (sipreg_factory)" in second


def test_sipreg_config_is_a_hook(project):
    project.write(
        "conftest.py",
        "import pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def sipreg_config(sipreg_config):\n"
        "    assert sipreg_config.advertise == 'given'\n"
        "    return sipreg_config.changed(min_expires=1, advertise='changed')\n",
    )
    project.test("""
        def test_it(sipreg, make_sipreg, sipreg_factory):
            carriers = [sipreg, make_sipreg(), sipreg_factory.start()]
            assert [c.settings.min_expires for c in carriers] == [1, 1, 1]
            assert 0
        """)
    result = project.here("--sipreg-advertise=given")
    result.stdout.fnmatch_lines(
        [
            "settings  advertise = 'changed'  (sipreg_config)",
            "settings  min_expires = 1  (sipreg_config)",
            "settings  the fixture sipreg_config changed `advertise`, which --sipreg-advertise had set",
        ]
    )


def test_sipreg_config_that_returns_something_else(project):
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture(scope='session')\ndef sipreg_config(sipreg_config):\n    return None\n",
    )
    project.test("def test_it(sipreg): pass")
    project.here().stdout.fnmatch_lines(["*the fixture sipreg_config returned NoneType, not CarrierSettings*"])


def test_one_authority_for_all(project):
    project.test("""
        import ssl, socket

        def login(carrier, pem):
            context = ssl.create_default_context(cadata=pem.decode())
            host, port = carrier.address("tls")
            with socket.create_connection((host, port), 10) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as secure:
                    assert secure.version()

        def test_one(sipreg, sipreg_tls):
            login(sipreg, sipreg_tls.ca_pem)

        def test_two(sipreg, make_sipreg, sipreg_tls):
            login(sipreg, sipreg_tls.ca_pem)
            assert make_sipreg().ca_pem == sipreg_tls.ca_pem
        """)
    project.here("-W", "ignore:Passing pyOpenSSL").assert_outcomes(passed=2)


def test_seeds_depend_on_the_test_and_not_on_the_order(project):
    project.test("""
        import pytest

        @pytest.mark.parametrize("n", [1, 2, 3])
        def test_it(sipreg, n):
            print(f"SEEN{n}={sipreg.seed}={sipreg.add_account('a').secret}")
        """)

    def seen(*arguments):
        lines = project.here("-s", *arguments).outlines
        return {text.lstrip(".") for line in lines for text in line.split() if "SEEN" in text}

    once = seen("--sipreg-seed=4711")
    assert len({text.partition("=")[2] for text in once}) == 3
    assert seen("--sipreg-seed=4711", "-k", "2 or 3") < once
    assert not seen("--sipreg-seed=4712") & once
