"""A minute of the soak: few sites, and of its criteria those that no machine's speed decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.checks import judge, table
from tests.soak.conduct import conduct
from tests.soak.world import Plan


@pytest.mark.timeout(300)
def test_what_sites_served_is_what_the_archive_holds(tmp_path: Path) -> None:
    plan = Plan(seconds=25, sites=5, articles=6, delay=0.2, seed=3)
    criteria = [c for c in judge(conduct(plan, tmp_path)) if not c.timed]
    failed = [criterion for criterion in criteria if criterion.holds is False]
    assert not failed, "\n" + table(failed)
    assert sum(criterion.holds is True for criterion in criteria) >= 12
