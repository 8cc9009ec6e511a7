namespace Bindwise.Testing;

/// <summary>How a program is stopped before it is started again.</summary>
public enum RestartStop
{
    /// <summary>SIGKILL, as a crash or the system's killer of memory hogs: the kernel closes the program's connections.</summary>
    Kill,

    /// <summary>
    /// SIGTERM, as a service manager or <c>docker stop</c>: the program closes them, and has to end within <see
    /// cref="RestartOptions.StopTimeout"/>.
    /// </summary>
    Terminate,
}

/// <summary>
/// A program that listens on a port, and how it is to be restarted. Immutable; checked by <see cref="RestartAssertion.CanRestartAsync"/>.
/// </summary>
public sealed record RestartOptions
{
    /// <summary>In <see cref="Arguments"/> and in values of <see cref="Environment"/>: the port.</summary>
    public const string PortPlaceholder = "{port}";

    /// <summary>The most <see cref="Connections"/>: 1,000.</summary>
    public const int MostConnections = 1000;

    /// <summary>
    /// The program: a path, or a name to look up in PATH; <c>dotnet</c> with the path of a .dll as the first argument, for instance. Not
    /// one that starts yours and stays, as <c>dotnet run</c> does: SIGKILL would end that one alone.
    /// </summary>
    public required string Program { get; init; }

    /// <summary>Its arguments; <c>{port}</c> in them is replaced by the port.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>
    /// How its environment differs from this process's; null removes a variable, and <c>{port}</c> is replaced by the port.
    /// </summary>
    public ImmutableDictionary<string, string?> Environment { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>Its working directory; null for this process's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// The TCP port that it listens on, 1 to 65535; 0: one is leased (<see cref="PortLease"/>), which the program has to take from
    /// <c>{port}</c>.
    /// </summary>
    public int Port { get; init; }

    /// <summary>Where to connect to it; null: 127.0.0.1, or [::1] where that refuses.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The stops, at least one, each followed by a start. By default SIGKILL, then SIGTERM.</summary>
    public ImmutableArray<RestartStop> Stops { get; init; } = [RestartStop.Kill, RestartStop.Terminate];

    /// <summary>
    /// How many connections are open at each stop, 1 to <see cref="MostConnections"/>. The client closes the first half of them, rounded
    /// up, after the program did, so that TIME_WAIT stays on the program's port; it leaves the others open (FIN_WAIT2).
    /// </summary>
    public int Connections { get; init; } = 4;

    /// <summary>
    /// What the client says on each connection, until it has read the answer: <see cref="HttpGet"/>, or your own. The connection stays open
    /// afterwards. Null: nothing, the program only has to accept them.
    /// </summary>
    public Func<Socket, CancellationToken, Task>? Talk { get; init; }

    /// <summary>
    /// How long each start may take until the program listens, and then until it has accepted and answered; more than zero.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the program may take to end after SIGTERM, and its port to be without a listener after any stop; more than zero.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A GET request of HTTP/1.1 that keeps the connection open, for <see cref="Talk"/>; any answer will do.</summary>
    /// <param name="path">The path, as <c>/healthz</c>.</param>
    public static Func<Socket, CancellationToken, Task> HttpGet(string path = "/")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return (socket, cancellationToken) => HttpExchange.GetAsync(socket, path, cancellationToken);
    }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(RestartOptions? other) => other is not null
        && Arguments.AsSpan().SequenceEqual(other.Arguments.AsSpan())
        && Stops.AsSpan().SequenceEqual(other.Stops.AsSpan())
        && Environment.Count == other.Environment.Count
        && Environment.All(one => other.Environment.TryGetValue(one.Key, out var value) && value == one.Value)
        && (Program, WorkingDirectory, Port, Connections, Talk, StartTimeout, StopTimeout) == (other.Program, other.WorkingDirectory,
            other.Port, other.Connections, other.Talk, other.StartTimeout, other.StopTimeout)
        && Equals(Address, other.Address);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Program, Arguments.IsDefault ? 0 : Arguments.Length, Port, Connections, StartTimeout, StopTimeout);

    internal void Check()
    {
        if (string.IsNullOrEmpty(Program))
            throw new ArgumentException("Name the program to restart.", "options");
        if (Environment is null)
            throw new ArgumentNullException("options", "Environment must not be null: leave it out for this process's own.");
        if (Arguments.IsDefault || Arguments.Any(static one => one is null) || Stops.IsDefaultOrEmpty || !Stops.All(Enum.IsDefined))
            throw new ArgumentException("Arguments has texts alone, and Stops has at least one known stop.", "options");
        if (Port is < 0 or > ushort.MaxValue)
            throw new ArgumentException("A port is a number from 1 to 65535; 0 leases one.", "options");
        if (Port == 0 && !Arguments.Any(IsTemplate) && !Environment.Values.OfType<string>().Any(IsTemplate))
            throw new ArgumentException(
                "The program has to learn the leased port: write {port} into its arguments or environment, or set Port.", "options");
        if (Connections is < 1 or > MostConnections)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Open 1 to {MostConnections} connections."),
                "options");
        if (StartTimeout <= TimeSpan.Zero || StopTimeout <= TimeSpan.Zero)
            throw new ArgumentException("StartTimeout and StopTimeout are more than zero.", "options");
    }

    private static bool IsTemplate(string text) => text.Contains(PortPlaceholder, StringComparison.Ordinal);
}
