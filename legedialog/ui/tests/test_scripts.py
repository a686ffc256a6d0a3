"""What decides in a script stands in a module without a page, and is tested by node beside the tests of its context."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_what_decides_in_scripts() -> None:
    tests = sorted(str(file) for file in (ROOT / "legedialog").glob("*/tests/*.test.js"))
    assert tests
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", *tests], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# fail 0\n" in done.stdout
