"""Functions with hooks around a snapshot: which one it is, _HANDLER says."""

import os
import time

from snapshot_restore_py import register_after_restore, register_before_snapshot

ran = []


def note(name, sentence):
    time.sleep(0.6)
    print(f"conformance hook {sentence}", flush=True)
    ran.append(name)


def fail():
    raise RuntimeError("a hook failed on purpose")


variant = os.environ["_HANDLER"].split(".")[-1]
if variant == "around":
    register_before_snapshot(note, "before", "before the snapshot")
    register_after_restore(note, "after", "after the restore")
elif variant == "before_throws":
    register_before_snapshot(fail)
else:
    register_after_restore(fail)


def around(_event, _context):
    return {"hooks": ran}


before_throws = after_throws = around
