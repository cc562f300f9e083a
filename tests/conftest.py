"""What all test files share: the folder's own modules, with their assertions explained."""

import pytest

pytest.register_assert_rewrite("playbook", "client_stage")
