namespace Bindwise.Diagnostics;

/// <summary>
/// What a program is written for or runs on: a closed set. Some have words of their own for a line of code; <see cref="C"/>
/// stands for all that is not known.
/// </summary>
public enum Runtime : byte
{
    /// <summary>C, and whatever calls the system directly.</summary>
    C,

    /// <summary>Python (CPython, PyPy).</summary>
    Python,

    /// <summary>Node.js (JavaScript, TypeScript).</summary>
    Node,

    /// <summary>.NET and .NET Core (C#, F#).</summary>
    DotNet,

    /// <summary>Go, whose net package sets SO_REUSEADDR by itself.</summary>
    Go,

    /// <summary>Java and what else runs on its virtual machine.</summary>
    Java,

    /// <summary>Ruby, as the executable <c>ruby</c> runs it.</summary>
    Ruby,

    /// <summary>Rust, whose std::net sets SO_REUSEADDR on listeners.</summary>
    Rust,

    /// <summary>PHP, on the command line or under PHP-FPM.</summary>
    Php,

    /// <summary>Deno; it has Node.js's modules too.</summary>
    Deno,

    /// <summary>Bun; it has Node.js's modules too.</summary>
    Bun,

    /// <summary>Perl 5.</summary>
    Perl,

    /// <summary>Mono, the .NET before .NET.</summary>
    Mono,

    /// <summary>Erlang's virtual machine, BEAM: Erlang and Elixir.</summary>
    Erlang,

    /// <summary>A POSIX shell that runs a script.</summary>
    Shell,
}
