"""`make fuzz`: runs the fuzzer, passes on what libFuzzer says, and ends with a line on how it went.

Arguments are those of libFuzzer. The exit code is the fuzzer's: 0 where nothing crashed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_FUZZER = Path(__file__).with_name("fuzz_tls_reply.py")
_DONE = re.compile(r"Done (\d+) runs")


def main() -> int:
    """Fuzzes until the fuzzer ends by itself, finds a crash or is interrupted."""
    runs = ""
    with subprocess.Popen(
        [sys.executable, str(_FUZZER), *sys.argv[1:]], stderr=subprocess.PIPE, text=True, errors="replace"
    ) as fuzzer:
        for line in fuzzer.stderr or ():
            sys.stderr.write(line)
            done = _DONE.match(line)
            runs = f" in {int(done[1]):,} runs" if done else runs
    if fuzzer.returncode == 0:
        print(f"civicseal: no crash{runs}")
    else:
        print(f"civicseal: the fuzzer ended with {fuzzer.returncode}; the input that did it is named above")
    return fuzzer.returncode


if __name__ == "__main__":
    sys.exit(main())
