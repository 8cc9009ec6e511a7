namespace Bindwise.Diagnostics;

/// <summary>A socket in another network namespace.</summary>
public sealed record ElsewhereRecord
{
    /// <summary>The socket on the port, as sock_diag(7) shows it in its own namespace.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>The namespace: the inode of its file (/proc/PID/ns/net); 0 when this user may not look at it.</summary>
    public ulong NetworkNamespace { get; init; }

    /// <summary>Its name under /run/netns (ip-netns(8)); null when it has none.</summary>
    public string? NetworkName { get; init; }

    /// <summary>It is the namespace in which bindwise itself runs, when another was asked about.</summary>
    public bool IsCallers { get; init; }

    /// <summary>
    /// A process that holds the socket, or, where none is seen to, one that lives in the namespace; null when neither is known.
    /// </summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>True if <see cref="Process"/> holds the socket; false if it only lives in the namespace.</summary>
    public bool IsHolder { get; init; }
}

/// <summary>
/// What .NET itself tells of a host, on any system: a probe, and the sockets that the system lists. No owners, no options, and no sockets
/// that are bound without listening.
/// </summary>
internal sealed record PortableRecord
{
    private readonly EquatableArray<PortableProbe> _probes;
    private readonly EquatableArray<SeenSocket> _seen;

    /// <summary>The operating system on which the probes ran.</summary>
    public required HostSystem System { get; init; }

    /// <summary>What each bind() through System.Net.Sockets answered, in the order in which they were tried.</summary>
    public ImmutableArray<PortableProbe> Probes { get => _probes; init => _probes = value; }

    /// <summary>The sockets that the system lists on the port, of the protocol in question; at most 256.</summary>
    public ImmutableArray<SeenSocket> Seen { get => _seen; init => _seen = value; }

    /// <summary>How many of them there are, those included that are too many to stand in <see cref="Seen"/>.</summary>
    public int SeenCount { get; init; }

    /// <summary>The system's list was read; false when it could not be.</summary>
    public bool IsListRead { get; init; }
}

/// <summary>What stands at a UNIX socket's path (lstat, never followed, never bound).</summary>
internal sealed record UnixPathRecord
{
    /// <summary>The path as asked, or <c>@name</c>.</summary>
    public required string Path { get; init; }

    /// <summary>It was looked from the mounts and the root of the process as which it is answered, which are not the caller's.</summary>
    public bool IsInOtherMounts { get; init; }

    /// <summary>The path is relative, and was looked from that process's working folder, likewise.</summary>
    public bool IsInOtherFolder { get; init; }

    /// <summary>Something exists at the path, of whatever kind; false for an abstract name, which is no file.</summary>
    public bool Exists { get; init; }

    /// <summary>What exists there is a socket file (S_ISSOCK).</summary>
    public bool IsSocket { get; init; }

    /// <summary>"file", "directory", "symbolic link", "socket", "device", "pipe"; empty when nothing is there.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Where the symbolic link at the path leads, as its text says; null where none is there.</summary>
    public string? LinkTarget { get; init; }

    /// <summary>The user id of the file's owner; 0 as well when nothing is there.</summary>
    public uint UserId { get; init; }

    /// <summary>The file's inode, to hold against unix_diag's VFS attribute.</summary>
    public ulong FileInode { get; init; }

    /// <summary>
    /// A socket is bound to the file, in whichever network namespace, as connect() tells: No by ECONNREFUSED alone. Asked only when the
    /// table shows no socket at the file; Unknown where it was not asked, or the caller may not connect.
    /// </summary>
    public Fact IsServed { get; init; }

    /// <summary>
    /// The errno of that connect(), by a datagram socket: 0, EPROTOTYPE (91), ECONNREFUSED (111), EACCES (13) …; null when it was not
    /// asked.
    /// </summary>
    public int? ConnectErrno { get; init; }

    /// <summary>The process that called listen() there, where no table shows the socket; null when it is not known.</summary>
    public ProcessRecord? Server { get; init; }

    /// <summary>
    /// The errno that a bind() there would meet before it looks at the name (ENOENT, ENOTDIR, EACCES, EPERM, EROFS, ENAMETOOLONG as
    /// EINVAL); 0 for none.
    /// </summary>
    public int ParentErrno { get; init; }

    /// <summary>The folder's file system, as <c>proc</c>, where that is the reason: no socket can be there; null for any other.</summary>
    public string? FileSystem { get; init; }

    /// <summary>
    /// The user may not enter the folder (EACCES): whether anything exists there is not known, and <see cref="Exists"/> is false.
    /// </summary>
    public bool IsHidden { get; init; }

    /// <summary>
    /// The caller may make an entry in the folder, or remove the one that is there; where the folder is missing, make it in the nearest one
    /// that exists. Unknown where nobody has looked.
    /// </summary>
    public Fact IsChangeable { get; init; }
}
