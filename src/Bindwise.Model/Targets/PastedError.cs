namespace Bindwise.Diagnostics;

/// <summary>What a pasted error text reveals beyond the address of the bind that failed.</summary>
internal sealed record PastedError
{
    private readonly EquatableArray<string> _files;
    private readonly EquatableArray<string> _packages;

    /// <summary>
    /// The runtime or library that words its errors so, as <c>Node.js</c>, <c>Go</c>, <c>.NET</c>, <c>Python</c>; null when it could be
    /// any.
    /// </summary>
    public string? Runtime { get; init; }

    /// <summary>
    /// The program that words its errors so, as <c>nginx</c>, <c>redis-server</c>, <c>sshd</c>: its command name; null when it could be
    /// any.
    /// </summary>
    public string? Program { get; init; }

    /// <summary>That runtime (or program) sets SO_REUSEADDR before bind() on TCP sockets; null when not known.</summary>
    public bool? SetsReuseAddress { get; init; }

    /// <summary>That runtime (or program) sets SO_REUSEPORT; null when not known.</summary>
    public bool? SetsReusePort { get; init; }

    /// <summary>It opens v6 sockets with IPV6_V6ONLY on (true) or off (false); null when it leaves the system's default.</summary>
    public bool? SetsV6Only { get; init; }

    /// <summary>
    /// It opens one dual-stack v6 socket although the text says 0.0.0.0 (Go's network "tcp", Java); null when not known, or the address is
    /// another.
    /// </summary>
    public bool? WildcardIsDualStack { get; init; }

    /// <summary>
    /// The errno that the text names, as <c>EADDRINUSE</c>; <c>unknown</c> for words that are not known. Null when none is told.
    /// </summary>
    public string? Errno { get; init; }

    /// <summary>
    /// The text leaves the protocol open and does not name the same place of UDP: where TCP does not explain the error, UDP is asked about.
    /// </summary>
    public bool MayMeanUdp { get; init; }

    /// <summary>
    /// The text leaves the protocol open: both are targets, and this is the one of them that such a text means less often.
    /// </summary>
    public bool IsLessLikely { get; init; }

    /// <summary>The text names no port: it is the usual one of that program.</summary>
    public bool IsPortAssumed { get; init; }

    /// <summary>The system other than Linux that words or numbers its errors so; null when it may be this one.</summary>
    public HostSystem? System { get; init; }

    /// <summary>
    /// Paths of the program's own source or script files in the text (stack traces): at most 8, to tell the same program apart.
    /// </summary>
    public ImmutableArray<string> Files { get => _files; init => _files = value; }

    /// <summary>
    /// The packages whose files or words stand in the text, as <c>vite</c> or <c>puma</c>. One of them may be the program itself.
    /// </summary>
    public ImmutableArray<string> Packages { get => _packages; init => _packages = value; }
}
