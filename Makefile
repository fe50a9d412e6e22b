# README.md shows each recipe in full, for people without make; tests/test_readme.py compares them.
.PHONY: run test check clean

run:
	python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/scraper demo --collect

test:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest -n 4 --dist loadfile -m 'not alone' && .venv/bin/pytest -m alone

check:
	bash .ci/run

clean:
	rm -rf .venv archive/demo
