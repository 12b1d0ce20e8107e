"""Aerleon's own evaluator, asked about every client and every service of a list.

    evaluate.py POLICY DEFINITIONS QUESTIONS

QUESTIONS is JSON: a list of {client, server, transport, port, accept}. Runs in the environment that
has Aerleon. Prints how many answers agree; exit status 1 if one does not.
"""

import json
import logging
import sys
from pathlib import Path

logging.disable(logging.CRITICAL)

from aerleon.lib import aclcheck, naming  # noqa: E402
from aerleon.lib import yaml as policies  # noqa: E402


def main():
    policy_file, definitions, questions = sys.argv[1:]
    path = Path(policy_file)
    policy = policies.ParsePolicy(
        path.read_text(), filename=path.name, base_dir=path.parent, definitions=naming.Naming(definitions)
    )
    differ = 0
    asked = json.loads(Path(questions).read_text())
    for question in asked:
        check = aclcheck.AclCheck(
            policy, src=question["client"], dst=question["server"], sport="40000", dport=str(question["port"]),
            proto=question["transport"],
        )
        matches = check.ExactMatches()
        accepted = bool(matches) and matches[0].action == "accept"
        if accepted != question["accept"]:
            differ += 1
            print(f"differs: {question}, Aerleon says {accepted}")
    print(f"{len(asked) - differ} of {len(asked)} answers of Aerleon's evaluator agree")
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
