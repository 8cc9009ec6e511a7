namespace Bindwise.Model.Platforms.Matrices;

/// <summary>One of the two sockets of a matrix, as a user describes it: <c>tcp reuseaddr 0.0.0.0 listen</c>.</summary>
internal sealed record MatrixSocket(IpAddress Address)
{
    /// <summary>The user of sockets that name none.</summary>
    public const uint OrdinaryUser = 1000;

    /// <summary>A user other than <see cref="OrdinaryUser"/>, and not root.</summary>
    public const uint OtherUser = 1001;

    /// <summary>TCP or UDP; a question needs the same of both sockets.</summary>
    public Protocol Protocol { get; init; } = Protocol.Tcp;

    /// <summary>The port; null where none was given.</summary>
    public ushort? Port { get; init; }

    /// <summary>IPV6_V6ONLY as the program sets it; null leaves each system's default.</summary>
    public bool? V6Only { get; init; }

    /// <summary>The options that it sets before bind().</summary>
    public MatrixOptions Options { get; init; }

    public uint User { get; init; } = OrdinaryUser;

    public bool IsRoot => User == 0;

    public PlatformState State { get; init; }

    /// <summary>It calls listen() too, when it is the second one.</summary>
    public bool Listens { get; init; }

    /// <summary>
    /// The address as a header shows it: <c>127.0.0.1</c>; <c>[::]</c> is dual-stack, <c>[::] v6only</c> and <c>[::] default</c> are not,
    /// or not on every system.
    /// </summary>
    public string Place => Address.Bracketed + (V6Only == true ? " v6only"
        : V6Only is null && Address is { Family: IpFamily.IPv6, IsAny: true } ? " default" : "");

    /// <summary>The socket in the words that <see cref="MatrixSpec"/> reads.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Protocol == Protocol.Udp ? "udp" : "tcp");
        foreach (var word in MatrixWords.Of(Options))
            text.Append(' ').Append(word);
        if (V6Only is { } only)
            text.Append(only ? " v6only" : " dual");
        if (IsRoot)
            text.Append(" root");
        else if (User != OrdinaryUser)
            text.Append(CultureInfo.InvariantCulture, $" user {User}");
        text.Append(' ').Append(Port is { } port ? new IpEndpoint(Address, port).ToString() : Address.Bracketed);
        if (Listens)
            text.Append(" listen");
        else if (State != PlatformState.Bound)
            text.Append(' ').Append(MatrixWords.Of(State));
        return text.ToString();
    }
}

/// <summary>The words for options and states, in one place.</summary>
internal static class MatrixWords
{
    private static readonly (string Word, MatrixOptions Option, string Name)[] Options =
    [
        ("reuseaddr", MatrixOptions.ReuseAddress, "SO_REUSEADDR"),
        ("reuseport", MatrixOptions.ReusePort, "SO_REUSEPORT"),
        ("reuseport_lb", MatrixOptions.ReusePortBalanced, "SO_REUSEPORT_LB"),
        ("exclusive", MatrixOptions.Exclusive, "SO_EXCLUSIVEADDRUSE"),
    ];

    private static readonly (string Word, PlatformState State)[] States =
    [
        ("bound", PlatformState.Bound), ("listening", PlatformState.Listening), ("connected", PlatformState.Connected),
        ("time-wait", PlatformState.TimeWait),
    ];

    public static ImmutableArray<string> AllOptions { get; } = [.. Options.Select(static row => row.Word)];
    public static ImmutableArray<string> AllStates { get; } = [.. States.Select(static row => row.Word)];

    /// <summary>The words of some options, in a fixed order.</summary>
    public static IEnumerable<string> Of(MatrixOptions options) =>
        Options.Where(row => (options & row.Option) != 0).Select(static row => row.Word);

    /// <summary>
    /// The names of some options, as programs spell them: <c>SO_REUSEADDR and SO_REUSEPORT</c>; <c>no option</c> for none.
    /// </summary>
    public static string Spell(MatrixOptions options) => options == MatrixOptions.None ? "no option"
        : string.Join(" and ", Options.Where(row => (options & row.Option) != 0).Select(static row => row.Name));

    public static string Of(PlatformState state) => Array.Find(States, row => row.State == state).Word;

    /// <summary>The option of a word; None when it is none.</summary>
    public static MatrixOptions OptionOf(string word) => Array.Find(Options, row => row.Word == word).Option;

    public static PlatformState? StateOf(string word) =>
        Array.Find(States, row => row.Word == word) is { Word: not null } row ? row.State : null;
}
