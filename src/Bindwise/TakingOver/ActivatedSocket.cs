using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>A socket that a service manager or a parent process passed to this one. Whoever took it owns and closes it.</summary>
public sealed class ActivatedSocket
{
    internal ActivatedSocket(string name, int descriptor, Socket socket, EndPoint localEndPoint, bool isListening) =>
        (Name, Descriptor, Socket, LocalEndPoint, IsListening) = (name, descriptor, socket, localEndPoint, isListening);

    /// <summary>
    /// Its name in LISTEN_FDNAMES (FileDescriptorName=); <c>unknown</c> if none was given, as in sd_listen_fds_with_names(3).
    /// </summary>
    public string Name { get; }

    /// <summary>Its number, 3 or more.</summary>
    public int Descriptor { get; }

    /// <summary>The socket, close-on-exec.</summary>
    public Socket Socket { get; }

    /// <summary>Where it is bound.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>It listens (SO_ACCEPTCONN).</summary>
    public bool IsListening { get; }

    internal static void Close(IEnumerable<ActivatedSocket> sockets)
    {
        foreach (var one in sockets)
            one.Socket.Dispose();
    }
}

/// <summary>LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES of the environment, read and checked.</summary>
internal sealed record PassedVariables(int Count, int? Process, ImmutableArray<string> Names)
{
    /// <summary>The most sockets that are taken. (systemd passes as many as a unit names.)</summary>
    internal const int MostSockets = 1024;

    /// <summary>The longest name, in characters (FDNAME_MAX of systemd).</summary>
    internal const int LongestName = 255;

    /// <summary>What sd_listen_fds_with_names(3) calls a socket without a name.</summary>
    internal const string NoName = "unknown";

    private const string CountVariable = "LISTEN_FDS";
    private const string ProcessVariable = "LISTEN_PID";
    private const string NamesVariable = "LISTEN_FDNAMES";

    /// <summary>The inode of LISTEN_PID's pidfd, which newer systemd adds.</summary>
    private const string HandleVariable = "LISTEN_PIDFDID";

    private const int LongestShown = 60;

    internal static int ReadCount()
    {
        var count = Environment.GetEnvironmentVariable(CountVariable);
        if (string.IsNullOrEmpty(count))
            return 0;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MostSockets)
            throw new SocketActivationException(
                $"{CountVariable} is '{Shown(count)}', which is not a number from 0 to {MostSockets}: the program that started this one "
                    + "passes sockets wrongly.");
        return number;
    }

    internal static PassedVariables Read(int count) => new(count, ReadProcess(), ReadNames(count));

    /// <summary>So that no child believes them. (The C library's own environment keeps them: .NET changes only its copy.)</summary>
    internal static void Remove()
    {
        foreach (var name in (ReadOnlySpan<string>)[CountVariable, ProcessVariable, NamesVariable, HandleVariable])
        {
            // The first change copies the whole environment.
            if (Environment.GetEnvironmentVariable(name) is not null)
                Environment.SetEnvironmentVariable(name, null);
        }
    }

    /// <summary>Whether a socket may be called so: printable ASCII without a colon, as systemd has it.</summary>
    internal static bool IsName(string name) =>
        name.Length <= LongestName && !name.AsSpan().ContainsAnyExceptInRange(' ', '~') && !name.Contains(':', StringComparison.Ordinal);

    private static int? ReadProcess()
    {
        var process = Environment.GetEnvironmentVariable(ProcessVariable);
        if (string.IsNullOrEmpty(process))
            return null;
        return int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0
            ? id
            : throw new SocketActivationException(
                $"{ProcessVariable} is '{Shown(process)}', which is not a process id: the program that started this one passes sockets "
                    + "wrongly.");
    }

    private static ImmutableArray<string> ReadNames(int count)
    {
        // Unlike null, an empty text is the one socket's empty name.
        if (Environment.GetEnvironmentVariable(NamesVariable) is not { } text || count == 0)
            return [.. Enumerable.Repeat(NoName, count)];
        if (text.Length > MostSockets * (LongestName + 1))
            throw new SocketActivationException(
                $"{NamesVariable} is {text.Length} characters long, more than {MostSockets} names have: the program that started this one "
                    + "passes sockets wrongly.");
        var names = text.Split(':');
        if (names.Length != count)
            throw new SocketActivationException(
                $"{NamesVariable} names {names.Length} {(names.Length == 1 ? "socket" : "sockets")}, {CountVariable} says {count}: "
                    + "the program that started this one passes sockets wrongly (no name may have a colon).");
        if (Array.Find(names, static name => !IsName(name)) is { } wrong)
            throw new SocketActivationException(
                $"{NamesVariable} has the name '{Shown(wrong)}', but a name has at most {LongestName} characters, all printable ASCII.");
        return [.. names];
    }

    private static string Shown(string text) => Escaper.Escape(text, LongestShown);
}

/// <summary>The options of a passed socket, as the kernel has them.</summary>
internal static class PassedOptions
{
    private const int LevelSocket = 1;
    private const int ReuseAddress = 2;
    private const int ReusePort = 15;
    private const int Device = 25;
    private const int LevelIPv4 = 0;
    private const int Freebind = 15;
    private const int LevelIPv6 = 41;
    private const int V6Only = 26;
    private const int LongestDevice = 16;

    /// <summary>Reads them; the backlog is the one asked for, as the kernel tells none.</summary>
    internal static SocketSettings Read(Socket socket, SocketSettings asked)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return asked with { ReuseAddress = false };
        var everywhere = asked with
        {
            ReuseAddress = IsSet(socket, LevelSocket, ReuseAddress),
            ReusePort = IsSet(socket, LevelSocket, ReusePort),
            V6Only = socket.AddressFamily == AddressFamily.InterNetworkV6 ? IsSet(socket, LevelIPv6, V6Only) : null,
        };
        return OperatingSystem.IsLinux() ? everywhere with { Device = ReadDevice(socket), Freebind = IsSet(socket, LevelIPv4, Freebind) }
            : everywhere;
    }

    internal static ImmutableArray<string> Differences(SocketSettings asked, SocketSettings has, string where, bool isStream)
    {
        var reported = ImmutableArray.CreateBuilder<string>();
        void Compare(string option, object? wanted, object? found)
        {
            if (!Equals(wanted, found))
                reported.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{where} was passed with {option} = {Text(found)}, {Text(wanted)} was asked for: set it where the socket is made."));
        }
        Compare("SO_REUSEADDR", asked.ReuseAddress ?? isStream, has.ReuseAddress);
        Compare("SO_REUSEPORT", asked.ReusePort, has.ReusePort);
        if (has.V6Only is not null)
            Compare("IPV6_V6ONLY", asked.V6Only ?? has.V6Only, has.V6Only);
        Compare("SO_BINDTODEVICE", asked.Device, has.Device);
        Compare("IP_FREEBIND", asked.Freebind, has.Freebind);
        return reported.ToImmutable();
    }

    private static string Text(object? value) => value switch { true => "1", false => "0", null => "none", _ => value.ToString()! };

    private static bool IsSet(Socket socket, int level, int option)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        return socket.GetRawSocketOption(level, option, value) == sizeof(int) && BitConverter.ToInt32(value) != 0;
    }

    private static string? ReadDevice(Socket socket)
    {
        Span<byte> name = stackalloc byte[LongestDevice];
        var length = socket.GetRawSocketOption(LevelSocket, Device, name);
        var text = Encoding.UTF8.GetString(name[..length]).TrimEnd('\0');
        return text.Length > 0 ? text : null;
    }
}
