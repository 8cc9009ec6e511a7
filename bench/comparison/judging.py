"""What each tool's answer is worth, by criteria that the page states. No criterion asks for a tool's own words."""
import json
import re

import tools


def judge(situation, told, killed):
    """The marks of every tool: {tool: mark}; killed holds the stages of the killing tools, by tool."""
    marks = {tool: judge_reading(situation, told["holders"], told["tools"][tool]) for tool in tools.READING}
    for tool in tools.KILLING:
        marks[tool] = judge_killing(situation, killed[tool], tool)
    return marks


def judge_reading(situation, holders, result):
    """A mark of cause and owner: what was named, and what there was to name."""
    if result is None:
        return {"text": "cannot be asked", "cause": False, "owner": None, "is_asked": False}
    cause = not list(untold(situation, result["output"]))
    owner = owner_named(situation, holders, result["output"])
    if not situation.cause_is_demanded:
        return {"text": "nothing to name", "cause": True, "owner": None, "is_asked": True}
    words = [word for word, is_named in (("cause", cause), ("owner", owner == "all")) if is_named]
    if owner == "some":
        words.append("some owners")
    return {"text": ", ".join(words) or "–", "cause": cause, "owner": owner, "is_asked": True}


def untold(situation, output):
    """What of the cause an output does not tell. The name of a page to read is no answer."""
    answer = re.sub(r"(?m)^  more  .*$", "", output)
    return (words for words, pattern in situation.cause.items() if not re.search(pattern, answer))


def owner_named(situation, holders, output):
    """"all", "some" or "none" of the holders' pids stand in the output; None where there is nobody to name."""
    if not holders or not situation.owner_is_visible:
        return None
    named = [pid for pid in holders if re.search(rf"\b{pid}\b", output)]
    return "all" if len(named) == len(holders) else "some" if named else "none"


def judge_killing(situation, stage, tool):
    """Whom a killing tool ended, and whether bind() works after it."""
    result = stage["tools"][tool]
    if result is None:
        return {"text": "cannot be asked", "is_asked": False, "freed": False, "harmed": False, "untrue": False}
    ended = [pid for pid, _ in result["ended"]]
    holders = set(stage["holders"])
    # unshare(1) waits for the program that it started, and ends with it.
    bystanders = [name for pid, name in result["ended"] if pid not in holders and name != "unshare"]
    freed = stage["bind"] != "ok" and result["bind"] == "ok"
    parts = []
    accident = situation.spare if any(pid in holders for pid in ended) else ""
    if accident:
        parts.append("ended the owner: " + accident)
    elif any(pid in holders for pid in ended):
        parts.append("ended the owner" if holders <= set(ended) else f"ended {len(holders & set(ended))} of {len(holders)} owners")
    if bystanders:
        parts.append(f"ended a bystander ({', '.join(bystanders)})")
    if stage["bind"] == "ok":
        parts.append("port was free" if not ended else "")
    else:
        parts.append("port free" if freed else says_done(result) + "port still taken")
    return {"text": "; ".join(part for part in parts if part), "is_asked": True, "freed": freed, "harmed": bool(bystanders or accident),
            "untrue": stage["bind"] != "ok" and not freed and says_done(result) != ""}


def says_done(result):
    return "says killed; " if re.search(r"\bkilled\b", result["output"]) else "exit code 0; " if result["code"] == 0 else ""


def shortfalls(situation, told, mark):
    """In what `bindwise why` falls short of a full answer."""
    result = told["tools"]["bindwise"]
    try:
        answer = json.loads(result["json"])
    except ValueError:
        yield f"no JSON: {result['json'][:200]!r}"
        return
    if answer["verdict"] != situation.verdict:
        yield f"verdict {answer['verdict']}, not {situation.verdict}"
    if answer["cause"] not in situation.causes:
        yield f"cause {answer['cause']}, not {' or '.join(situation.causes)}"
    if not mark["cause"]:
        yield f"the text does not tell {', '.join(untold(situation, result['output']))}"
    if mark["owner"] in ("none", "some"):
        yield f"the text names {mark['owner']} of the owners {told['holders']}"
    is_free = told["bind"] == "ok"
    if is_free != (situation.verdict == "free"):
        yield f"the situation does not stand: bind() says {told['bind']}"
