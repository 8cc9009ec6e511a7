using System.Diagnostics;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Containers;

/// <summary>
/// Finds out about the containers that holders run in or serve: the engine is asked over its socket where it has one, else its files are
/// read. Nobody is asked when no holder has to do with a container.
/// </summary>
/// <param name="root">Where the host's files are: empty for this host.</param>
/// <param name="patience">How long an engine may take to answer; null for as long as a person waits.</param>
internal sealed class ContainerReader(string root = "", TimeSpan? patience = null)
{
    private const int MaximumContainers = 8;
    private const int MaximumRunning = 256;

    private readonly ContainerFiles _files = new(root);
    private readonly Dictionary<string, ImmutableArray<ContainerRecord>?> _asked = new(StringComparer.Ordinal);

    /// <param name="note">Takes a line about an engine that did not answer.</param>
    internal ImmutableArray<ContainerRecord> Read(IReadOnlyList<ProcessRecord> holders, Action<string> note)
    {
        var found = new List<ContainerRecord>();
        foreach (var holder in holders.Where(static p => p.Container is not null).DistinctBy(static p => p.Container)
            .Take(MaximumContainers))
        {
            if (OfContainer(holder.Container!, ContainerEngines.OfCgroup(holder.Cgroup ?? ""), ContainerEngines.UserOf(holder), note)
                is { } record)
                found.Add(record);
        }
        foreach (var proxy in holders.Where(static p => p.Container is null && ContainerProxies.EngineOf(p) is not null)
            .Take(MaximumContainers))
            found.AddRange(OfProxy(proxy, note));
        return [.. found.DistinctBy(static c => c.Id)];
    }

    /// <summary>The container of a name, as the engines that answer or their files have it; null when none has.</summary>
    /// <param name="user">The user whose own engines are asked too; 0 for none.</param>
    internal ContainerRecord? FindByName(string name, IEnumerable<string> running, uint user)
    {
        return Running(user).FirstOrDefault(Has)
            ?? _files.OfDocker().FirstOrDefault(Has)
            ?? running.Take(MaximumRunning).Select(id => _files.OfPodman(id, user == 0 ? null : user) ?? _files.OfBundle(id))
                .OfType<ContainerRecord>().FirstOrDefault(Has);

        bool Has(ContainerRecord container) => container.Name == name;
    }

    /// <summary>The containers that run, as the engines that answer tell.</summary>
    /// <param name="user">The user whose own engines are asked too; 0 for none.</param>
    internal IEnumerable<ContainerRecord> Running(uint user) =>
        EnginesFor(user).SelectMany(engine => Ask(engine.Engine, engine.User, static _ => { }) ?? []);

    private static (string Engine, uint? User)[] EnginesFor(uint user) =>
        user == 0 ? [("docker", null), ("podman", null)] : [("docker", null), ("podman", null), ("docker", user), ("podman", user)];

    // The files of the system's engines know nothing of a user's containers: one of the same id there is another.
    private ContainerRecord? OfContainer(string id, string? engine, uint? user, Action<string> note) => (engine, user) switch
    {
        ("docker", null) => ById(Ask("docker", user, note), id) ?? _files.OfDocker(id) ?? _files.OfBundle(id),
        ("docker", _) => ById(Ask("docker", user, note), id),
        ("podman", _) => ById(Ask("podman", user, note), id) ?? _files.OfPodman(id, user),
        ("containerd" or "cri-o", null) => _files.OfBundle(id) ?? _files.OfDocker(id),
        (null, null) => _files.OfBundle(id) ?? ById(Ask("docker", user, note), id) ?? _files.OfDocker(id) ?? _files.OfPodman(id, user),
        (null, _) => ById(Ask("docker", user, note), id) ?? _files.OfPodman(id, user),
        _ => null,
    };

    // conmon names the container on its command line; of the others the engine tells which container has the address or the port.
    private IEnumerable<ContainerRecord> OfProxy(ProcessRecord proxy, Action<string> note)
    {
        var engine = ContainerProxies.EngineOf(proxy)!;
        var user = ContainerEngines.UserOf(proxy);
        if (ContainerProxies.OptionOf(proxy, "-c") is { } id && proxy.Name == "conmon")
            return OfContainer(id, "podman", user, note) is { } record ? [record] : [];
        if (Ask(engine, user, note) is { } list)
            return list;
        return engine == "docker" && user is null ? _files.OfDocker() : [];
    }

    private static ContainerRecord? ById(ImmutableArray<ContainerRecord>? list, string id) => list?.FirstOrDefault(c => c.Id == id);

    /// <summary>All running containers of an engine; null when it does not answer.</summary>
    private ImmutableArray<ContainerRecord>? Ask(string engine, uint? user, Action<string> note)
    {
        foreach (var path in SocketsOf(engine, user))
        {
            if (_asked.TryGetValue(path, out var known))
                return known;
            var answer = Get(path, user);
            if (answer == default)
                continue;
            var list = answer.Body is null ? null
                : HostileJson.Read<ImmutableArray<ContainerRecord>?>(answer.Body, found => ContainerForms.OfList(found, engine, user));
            _asked.Add(path, list);
            if (list is null)
                note($"the container engine at {path} does not say which container it is ({answer.Fault ?? "no JSON"})");
            return list;
        }
        return null;
    }

    // Of a user's own folder the socket that is that user's: whoever owns the folder links to anything.
    private EngineAnswer Get(string path, uint? user)
    {
        const string resource = "/containers/json";
        var limit = patience ?? EngineClient.Patience;
        if (user is not { } uid)
            return EngineClient.Get(Encoding.UTF8.GetBytes(root + path), resource, limit);
        var folder = RuntimeFolder(uid);
        using var socket = ForeignFolder.OfUser(root + folder, uid).FindSocket(path[folder.Length..], uid);
        return socket is null ? default
            : EngineClient.Get(Terminated.OfDescriptor(stackalloc byte[64], socket.Number)[..^1], resource, limit);
    }

    private static string RuntimeFolder(uint user) => string.Create(CultureInfo.InvariantCulture, $"/run/user/{user}");

    private static string[] SocketsOf(string engine, uint? user)
    {
        if (user is { } uid)
        {
            var runtime = RuntimeFolder(uid);
            return [engine == "docker" ? runtime + "/docker.sock" : runtime + "/podman/podman.sock"];
        }
        return engine == "docker" ? ["/run/docker.sock", "/var/run/docker.sock"] : ["/run/podman/podman.sock"];
    }
}

/// <summary>
/// Asks a container engine over its UNIX socket: one GET, HTTP/1.0, so that the answer ends with the connection and is not chunked (RFC
/// 1945). The time is bounded as a whole and the size too: whoever listens there may be anybody.
/// </summary>
internal static class EngineClient
{
    /// <summary>A larger answer is refused: some ten thousand containers.</summary>
    internal const int MaximumBytes = 16 * 1024 * 1024;

    private const int FirstBytes = 64 * 1024;

    /// <summary>How long an answer is waited for where a person waits for bindwise.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    /// <param name="resource">What is asked for, as <c>/containers/json</c>.</param>
    /// <param name="limit">The longest that all of it may take.</param>
    internal static EngineAnswer Get(ReadOnlySpan<byte> socketPath, string resource, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        var address = SocketAddress.WritePath(room, socketPath);
        if (address.IsEmpty)
            return default;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out var socket);
        using (socket)
        {
            if (errno != Errno.None)
                return new EngineAnswer(null, errno.ToString());
            Bound(socket, SocketOptionCall.SendTimeout, limit);
            errno = ConnectCall.Connect(socket, address);
            if (errno is Errno.ENOENT or Errno.ECONNREFUSED or Errno.ENOTDIR)
                return default;
            // A new connection has room for it.
            if (errno == Errno.None)
                errno = SendCall.Send(socket,
                    Encoding.ASCII.GetBytes($"GET {resource} HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"), [],
                    waits: false);
            return errno != Errno.None ? new EngineAnswer(null, errno.ToString()) : Receive(socket, clock, limit);
        }
    }

    private static EngineAnswer Receive(SafeFileDescriptor socket, Stopwatch clock, TimeSpan limit)
    {
        var buffer = new byte[FirstBytes];
        var length = 0;
        while (true)
        {
            var left = limit - clock.Elapsed;
            if (left <= TimeSpan.Zero)
                return new EngineAnswer(null, "no answer in time");
            Bound(socket, SocketOptionCall.ReceiveTimeout, left);
            var errno = ReceiveCall.Receive(socket, buffer.AsSpan(length), waits: true, out var more);
            if (errno == Errno.EAGAIN)
                return new EngineAnswer(null, "no answer in time");
            if (errno != Errno.None)
                return new EngineAnswer(null, errno.ToString());
            if (more == 0)
                return BodyOf(buffer.AsSpan(0, length));
            length += more;
            if (length < buffer.Length)
                continue;
            if (length >= MaximumBytes)
                return new EngineAnswer(null, "the answer is too long");
            Array.Resize(ref buffer, Math.Min(buffer.Length * 4, MaximumBytes));
        }
    }

    /// <summary>The body of an answer with status 200.</summary>
    internal static EngineAnswer BodyOf(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        // HTTP/1.0 200 OK
        if (end < 0 || !answer.StartsWith("HTTP/1."u8) || answer.Length < 12)
            return new EngineAnswer(null, "no HTTP answer");
        var status = answer[9..12];
        return status.SequenceEqual("200"u8)
            ? new EngineAnswer(answer[(end + 4)..].ToArray(), null)
            : new EngineAnswer(null, status.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? "no HTTP answer"
                : "HTTP status " + Encoding.ASCII.GetString(status));
    }

    private static void Bound(SafeFileDescriptor socket, int option, TimeSpan time)
    {
        _ = SocketOptionCall.SetTimeout(socket, option, new TimeValue
        {
            Seconds = (long)time.TotalSeconds,
            Microseconds = Math.Max(1, time.Microseconds + (time.Milliseconds * 1000L))
        });
    }
}

/// <param name="Fault">Why there is none; null when nothing listens there: that is no fault.</param>
internal readonly record struct EngineAnswer(byte[]? Body, string? Fault);
