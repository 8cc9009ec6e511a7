using System.Collections.Immutable;
using System.Text;

namespace Bindwise.Diagnostics;

/// <summary>What the user typed or pasted, understood. Names in it are not looked up yet.</summary>
public sealed record Target
{
    /// <summary>The text as typed (of a pasted error: the part that was read as the address).</summary>
    public required string Text { get; init; }

    /// <summary>TCP (default), UDP or UNIX.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>The text names no protocol: TCP is what is usually meant; UDP where a pasted error tells of a bind() and is asked for both.</summary>
    public bool IsProtocolAssumed { get; init; }

    /// <summary>
    /// The host as asked: <c>127.0.0.1</c>, <c>::1</c>, <c>localhost</c>, <c>*</c>; without brackets and scope.
    /// Null when only a port was given.
    /// </summary>
    public string? Host { get; init; }

    /// <summary><see cref="Host"/> as an address, when it is one (as inet_aton reads it); null for a name, for <c>*</c> and for none.</summary>
    internal IpAddress? Address { get; init; }

    /// <summary>The scope after <c>%</c>: an interface's name or number; null for none.</summary>
    public string? Scope { get; init; }

    /// <summary>The port, 0 to 65535; null while only <see cref="Service"/> is known, and for UNIX.</summary>
    public ushort? Port { get; init; }

    /// <summary>A service name in place of a port, as <c>http</c>; null for none.</summary>
    public string? Service { get; init; }

    /// <summary>The path of a UNIX socket, or <c>@name</c> for an abstract one; null for TCP and UDP.</summary>
    public string? Path { get; init; }

    /// <summary>Where a connect() was to go, for the ports of which is asked (<see cref="Port"/> is 0 then); null for a bind().</summary>
    public Destination? Destination { get; init; }

    /// <summary>What a pasted error tells beyond the address; null when the target was typed.</summary>
    internal PastedError? Pasted { get; init; }
}

/// <summary>What one text names: a typed target is one; a pasted error may tell of several.</summary>
internal sealed record TargetList
{
    /// <summary>The most that a text is answered for.</summary>
    public const int Maximum = 8;

    /// <summary>The targets in the order of the text, each once: 1 to <see cref="Maximum"/>.</summary>
    public required ImmutableArray<Target> Targets { get; init; }

    /// <summary>How many more the text names.</summary>
    public int LeftOut { get; init; }

    /// <summary>The one to take where only one can be asked: the first that is named with its address and port.</summary>
    public required Target First { get; init; }

    internal static TargetList Of(Target target) => new() { Targets = [target], First = target };

    internal static TargetList Of(ImmutableArray<Target> named, Target first) => new()
    {
        Targets = named[..Math.Min(named.Length, Maximum)],
        LeftOut = Math.Max(0, named.Length - Maximum),
        First = first,
    };

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(TargetList? other) => other is not null
        && (LeftOut, First) == (other.LeftOut, other.First)
        && Sequence.AreEqual(Targets, other.Targets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LeftOut, First, Sequence.Hash(Targets));
}

/// <summary>Where a connect() was to go that got no port of its own: the question is then about the ports of this side.</summary>
public sealed record Destination
{
    /// <summary>The host as told, without brackets.</summary>
    public required string Host { get; init; }

    /// <summary><see cref="Host"/> as an address, when it is one; null for a name.</summary>
    internal IpAddress? Address { get; init; }

    /// <summary>The port over there.</summary>
    public required ushort Port { get; init; }

    /// <summary><c>10.0.0.5:443</c>, <c>[::1]:443</c>, <c>db.example:5432</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}

/// <summary>A parse that either gave a value or says what is wrong, where, and what would be right.</summary>
/// <typeparam name="T">What is parsed.</typeparam>
internal readonly record struct ParseResult<T>
    where T : class
{
    /// <summary>The outcome of a parse.</summary>
    /// <param name="value">The value; default when <paramref name="error"/> is set.</param>
    /// <param name="error">One line: what is wrong and what next; null on success.</param>
    /// <param name="column">The column of the fault, from 1; 0 when it is the whole text.</param>
    public ParseResult(T? value, string? error = null, int column = 0) => (Value, Error, Column) = (value, error, column);

    /// <summary>The value; default when <see cref="Error"/> is set.</summary>
    public T? Value { get; init; }

    /// <summary>One line: what is wrong and what next; null on success.</summary>
    public string? Error { get; init; }

    /// <summary>The column of the fault, from 1; 0 when it is the whole text.</summary>
    public int Column { get; init; }

    /// <summary>The parse gave a value.</summary>
    public bool IsSuccess => Error is null;

    /// <summary>The same fault, or another view of the value.</summary>
    internal ParseResult<TOther> Select<TOther>(Func<T, TOther> selector)
        where TOther : class => IsSuccess ? new(selector(Value!)) : new(null, Error, Column);
}

/// <summary>What a pasted error text reveals beyond the address of the bind that failed.</summary>
internal sealed record PastedError
{
    /// <summary>The runtime or library that words its errors so, as <c>Node.js</c>, <c>Go</c>, <c>.NET</c>, <c>Python</c>; null when it could be any.</summary>
    public string? Runtime { get; init; }

    /// <summary>The program that words its errors so, as <c>nginx</c>, <c>redis-server</c>, <c>sshd</c>: its command name; null when it could be any.</summary>
    public string? Program { get; init; }

    /// <summary>That runtime (or program) sets SO_REUSEADDR before bind() on TCP sockets; null when not known.</summary>
    public bool? SetsReuseAddress { get; init; }

    /// <summary>That runtime (or program) sets SO_REUSEPORT; null when not known.</summary>
    public bool? SetsReusePort { get; init; }

    /// <summary>It opens v6 sockets with IPV6_V6ONLY on (true) or off (false); null when it leaves the system's default.</summary>
    public bool? SetsV6Only { get; init; }

    /// <summary>It opens one dual-stack v6 socket although the text says 0.0.0.0 (Go's network "tcp", Java); null when not known, or the address is another.</summary>
    public bool? WildcardIsDualStack { get; init; }

    /// <summary>The errno that the text names, as <c>EADDRINUSE</c>; null when none is told.</summary>
    public string? Errno { get; init; }

    /// <summary>Paths of the program's own source or script files in the text (stack traces): at most 8, to tell the same program apart.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PastedError? other) => other is not null
        && (Runtime, Program, SetsReuseAddress, SetsReusePort) == (other.Runtime, other.Program, other.SetsReuseAddress, other.SetsReusePort)
        && (SetsV6Only, WildcardIsDualStack, Errno) == (other.SetsV6Only, other.WildcardIsDualStack, other.Errno)
        && Sequence.AreEqual(Files, other.Files);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Runtime, Program, SetsReuseAddress, SetsReusePort, SetsV6Only, WildcardIsDualStack, Errno, Sequence.Hash(Files));
}

/// <summary>How the program in question binds, as the user tells it on the command line. Null: not told.</summary>
public sealed record ProgramOptions
{
    /// <summary>--reuse-address: it sets SO_REUSEADDR before bind().</summary>
    public bool? ReuseAddress { get; init; }

    /// <summary>--reuse-port: it sets SO_REUSEPORT before bind().</summary>
    public bool? ReusePort { get; init; }

    /// <summary>--v6-only (true) or --dual-stack (false): it sets IPV6_V6ONLY so.</summary>
    public bool? V6Only { get; init; }

    /// <summary>--device: it binds to this interface (SO_BINDTODEVICE).</summary>
    public string? Device { get; init; }

    /// <summary>It sets IP_FREEBIND before bind(), and so may bind an address that no interface has.</summary>
    public bool Freebind { get; init; }

    /// <summary>No options: a plain bind().</summary>
    public static ProgramOptions None { get; } = new();
}

/// <summary>
/// For which program it is to be answered. A process, a unit and a container exclude each other and what they bring along: user and
/// network namespace.
/// </summary>
public sealed record SubjectSelector
{
    /// <summary>--user: a name of /etc/passwd or a number; null for the caller's own.</summary>
    public string? User { get; init; }

    /// <summary>--netns: a process id, a name under /run/netns or the path of a namespace file; null for the caller's own.</summary>
    public string? Network { get; init; }

    /// <summary>--pid: a process id; null for none.</summary>
    public string? Process { get; init; }

    /// <summary>--unit: a systemd unit, <c>.service</c> where no kind is told; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>--container: the beginning of an id, or a name; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>Nothing is told: the caller itself.</summary>
    public bool IsCaller => User is null && Network is null && Process is null && Unit is null && Container is null;

    /// <summary>As it stands on a command line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (option, value) in new[] { ("--user", User), ("--netns", Network), ("--pid", Process), ("--unit", Unit), ("--container", Container) })
        {
            if (value is not null)
                text.Append(text.Length == 0 ? "" : " ").Append(option).Append(' ').Append(value);
        }
        return text.ToString();
    }
}
