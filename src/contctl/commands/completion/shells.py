"""The shells that are answered: what each asks with, how it is answered, and the script that has it
ask."""

from collections.abc import Sequence
from typing import NamedTuple

from contctl.commands.completion.candidates import Candidates

VARIABLE = "_CONTCTL_COMPLETE"
"""The environment variable that says which shell asks."""
FILES = "?files"
"""The answer that lets the shell complete names of files."""

_BASH = f"""\
_contctl_complete() {{
    local answer
    COMPREPLY=()
    while IFS= read -r answer; do
        if [[ $answer == '{FILES}' ]]; then
            compopt -o default
        else
            COMPREPLY+=("$answer")
        fi
    done < <({VARIABLE}=bash "$1" "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_LINE:0:COMP_POINT}}" \\
        2>/dev/null </dev/null)
}}
complete -F _contctl_complete contctl
"""
_ZSH = f"""\
#compdef contctl
_contctl() {{
    local answer
    local -a found
    while IFS= read -r answer; do
        if [[ $answer == '{FILES}' ]]; then
            _files
        else
            found+=("$answer")
        fi
    done < <({VARIABLE}=zsh "${{(@Q)words[1,CURRENT]}}" 2>/dev/null </dev/null)
    compadd -- "${{found[@]}}"
}}
if [[ $funcstack[1] == _contctl ]]; then
    _contctl
else
    compdef _contctl contctl
fi
"""
_FISH = f"""\
function __contctl_complete
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    for answer in (env {VARIABLE}=fish $words "$begun" 2>/dev/null </dev/null)
        if test "$answer" = '{FILES}'
            __fish_complete_path "$begun"
        else
            printf '%s\\n' $answer
        end
    end
end
complete --command contctl --no-files --arguments '(__contctl_complete)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""What makes each shell complete contctl's command lines."""


class Question(NamedTuple):
    """What a shell asks. words: those before the one with the cursor, without the program's name.
    begun: what there is of that one; shown: what of it the shell takes for it."""

    words: tuple[str, ...]
    begun: str
    shown: str


def question(shell: str, args: Sequence[str]) -> Question:
    """The question in the arguments that the script of `shell` gives."""
    if shell != "bash":
        *words, last = args or ("",)
        begun = last.lstrip("'\"")  # a quote that is still open is given as it was typed
        return Question(tuple(words), begun, begun)
    # Bash takes a part of a word for a word, after each of these signs for example.
    shown, line = (*args, "", "")[:2]
    *words, begun = _split(line)
    return Question(tuple(words[1:]), begun, shown.lstrip("=:"))


def answer(shell: str, asked: Question, found: Candidates) -> list[str]:
    """The lines of the answer."""
    if found.files:
        return [FILES]
    if shell != "bash":
        return list(found.words)
    import re

    # What bash takes for the word may also have quotes, which are no part of it.
    hidden = asked.begun.removesuffix(asked.shown) if asked.begun.endswith(asked.shown) else ""
    unsafe = re.compile(r"([^\w@%+=:,./-])", re.ASCII)
    return [unsafe.sub(r"\\\1", word.removeprefix(hidden)) for word in found.words]


def _split(line: str) -> list[str]:
    """The words of a line as a POSIX shell has them; the last one, which may be empty or without
    its closing quote, is the one with the cursor."""
    import shlex

    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            words.append(word)
    except ValueError:
        return [*words, lexer.token]
    return [*words, ""] if not words or line[-1:].isspace() else words
