namespace Bindwise.Model.Runtimes;

/// <summary>
/// What a program is written for or runs on: a closed set. The first nine have words of their own for a line of code; <see cref="C"/> stands
/// for all that is not known.
/// </summary>
public enum Runtime : byte
{
    /// <summary>C, and whatever calls the system directly.</summary>
    C,

    /// <summary>Python (CPython, PyPy).</summary>
    Python,

    /// <summary>Node.js.</summary>
    Node,

    /// <summary>.NET.</summary>
    DotNet,

    /// <summary>Go.</summary>
    Go,

    /// <summary>Java and what else runs on its virtual machine.</summary>
    Java,

    /// <summary>Ruby.</summary>
    Ruby,

    /// <summary>Rust.</summary>
    Rust,

    /// <summary>PHP.</summary>
    Php,

    /// <summary>Deno; it has Node.js's modules too.</summary>
    Deno,

    /// <summary>Bun; it has Node.js's modules too.</summary>
    Bun,

    /// <summary>Perl.</summary>
    Perl,

    /// <summary>Mono, the .NET before .NET.</summary>
    Mono,

    /// <summary>Erlang and Elixir.</summary>
    Erlang,

    /// <summary>A POSIX shell that runs a script.</summary>
    Shell,
}
