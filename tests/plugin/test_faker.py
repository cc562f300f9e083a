"""The fixture `faker` of Faker's own plugin: what is SIP is in it, and it follows the seed of the run."""

from __future__ import annotations

import re

import pytest

pytest_plugins = ("pytester",)

FAKER = ("faker.contrib.pytest.plugin",)
PRINT = "def test_it(faker): print('MADE', faker.sip_secret(), faker.name())"
CARRIER = "def test_it(faker, sipreg): print('MADE', faker.sip_secret(), faker.name())"


def made(project, *arguments, plugins=FAKER):
    """Return what the tests of a project printed, each the secret and the name that it was given."""
    result = project.run("-s", *arguments, plugins=plugins)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    return re.findall(r"MADE (\S+) (.*?)\.?$", result.stdout.str(), re.MULTILINE)


def test_the_provider_is_there(project):
    project.test("""
        def test_it(faker):
            assert faker.sip_registration_string("asterisk").startswith("register => ")
            assert faker.sip_trunk("freeswitch").host.endswith(".example")
            faker.unique.sip_user()

        def test_it_is_there_once(faker):
            names = [type(provider).__name__ for provider in faker.factories[0].get_providers()]
            assert names.count("SipProvider") == 1
        """)
    project.run(plugins=FAKER).assert_outcomes(passed=2)


def test_every_locale_has_it(project):
    project.test("""
        import pytest

        @pytest.fixture
        def faker_locale():
            return ["de_DE", "ja_JP"]

        def test_it(faker, faker_locale):
            assert faker["ja_JP"].sip_domain().endswith(".example")
            assert faker.sip_domain().endswith(".example")
        """)
    project.run(plugins=FAKER).assert_outcomes(passed=1)


def test_the_seed_of_the_run_seeds_it(project):
    project.test(PRINT)
    first, again, other = (made(project, f"--sipreg-seed={seed}") for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first[0][1] != other[0][1], "names too, since the whole instance is seeded"


def test_the_seed_may_be_in_the_environment(project):
    project.test(PRINT)
    expected = made(project, "--sipreg-seed=5")
    project.setenv("SIPREG_SEED", "5")
    assert made(project) == expected


def test_each_test_has_a_seed_of_its_own_in_any_order_and_selection(project):
    project.test(PRINT.replace("test_it", "test_one") + "\n" + PRINT.replace("test_it", "test_two"))
    one, two = made(project, "--sipreg-seed=1")
    assert one != two
    assert made(project, "--sipreg-seed=1", "-k", "two") == [two]
    assert made(project, "--sipreg-seed=1", "test_it.py::test_two", "test_it.py::test_one") == [two, one]


def test_without_a_seed_a_test_without_a_carrier_is_left_to_faker(project):
    project.test(PRINT.replace("faker.sip_secret()", "'-'"))
    without = made(project, "-p", "no:sipreg", "-p", "no:pytest_sipreg.plugin")
    assert made(project) == without


def test_a_test_with_a_carrier_has_the_seed_that_its_report_names(project):
    project.test(f"{CARRIER}; assert 0")
    result = project.run("-s", plugins=FAKER)
    result.assert_outcomes(failed=1)
    printed = result.stdout.str()
    [seed] = set(re.findall(r"--sipreg-seed[ =](\d+)", printed))
    again = project.run("-s", f"--sipreg-seed={seed}", plugins=FAKER).stdout.str()
    first, second = (re.findall(r"MADE .*", text) for text in (printed, again))
    assert first[0] == second[0]


@pytest.mark.parametrize("scope", ["function", "session"])
def test_the_projects_own_seed_stands_above_all(project, scope):
    project.write(
        "conftest.py",
        f"import pytest\n@pytest.fixture(scope={scope!r}, autouse=True)\ndef faker_seed(): return 12345\n",
    )
    project.test(PRINT)
    first = made(project)
    assert made(project, "--sipreg-seed=1") == first
    project.test(CARRIER)
    assert made(project) == first


def test_a_fixture_of_the_projects_own_is_left_alone(project):
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef faker(): return 'mine'\n")
    project.test("import sys\ndef test_it(faker): assert faker == 'mine'; assert 'mockregistrar' not in sys.modules")
    project.run().assert_outcomes(passed=1)


def test_a_fixture_over_fakers_own_has_the_last_word(project):
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture\ndef faker(faker):\n    faker.seed_instance(99)\n    return faker\n",
    )
    project.test(PRINT)
    assert made(project, "--sipreg-seed=1") == made(project, "--sipreg-seed=2")


def test_a_failing_setup_of_it_is_reported_as_what_it_is(project):
    project.write(
        "conftest.py",
        "import pytest\n@pytest.fixture(autouse=True)\ndef faker_locale(): return ['xx_XX']\n",
    )
    project.test(PRINT)
    result = project.run(plugins=FAKER)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E*xx_XX*"])


def test_no_faker_is_imported_where_the_fixture_is_not_used(project):
    project.test(
        "import sys\ndef test_it(sipreg):\n    assert 'faker' not in sys.modules\n    assert sipreg.add_account('a')\n"
    )
    project.run("--sipreg-seed=1").assert_outcomes(passed=1)


def test_xdist_changes_nothing(project):
    pytest.importorskip("xdist")
    project.test("\n".join(PRINT.replace("test_it", f"test_{n}").replace("print(", "note(") for n in range(4)))
    project.write(
        "conftest.py",
        "import builtins, os, pathlib\n"
        "def note(*words):\n"
        "    name = os.environ['PYTEST_CURRENT_TEST'].split()[0].rpartition('_')[2]\n"
        "    pathlib.Path(name + '.out').write_text(' '.join(words))\n"
        "builtins.note = note\n",
    )

    def notes(*arguments, plugins=()):
        project.run("--sipreg-seed=4", *arguments, plugins=(*FAKER, *plugins)).assert_outcomes(passed=4)
        return {path.name: path.read_text() for path in project.path.glob("*.out")}

    alone = notes()
    assert len(alone) == 4
    assert len(set(alone.values())) == 4
    assert notes("-n2", plugins=("xdist",)) == alone
