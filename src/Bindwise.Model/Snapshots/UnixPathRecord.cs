namespace Bindwise.Diagnostics;

/// <summary>What stands at a UNIX socket's path (lstat, never followed, never bound).</summary>
internal sealed record UnixPathRecord
{
    /// <summary>The path as asked, or <c>@name</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Something exists at the path, of whatever kind; false for an abstract name, which is no file.</summary>
    public bool Exists { get; init; }

    /// <summary>What exists there is a socket file (S_ISSOCK).</summary>
    public bool IsSocket { get; init; }

    /// <summary>"file", "directory", "symbolic link", "socket", "device", "pipe"; empty when nothing is there.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The user id of the file's owner; 0 as well when nothing is there.</summary>
    public uint UserId { get; init; }

    /// <summary>The file's inode, to hold against unix_diag's VFS attribute.</summary>
    public ulong FileInode { get; init; }

    /// <summary>A socket is bound to the file, in whichever network namespace, as connect() tells: No by ECONNREFUSED alone. Asked only
    /// when the table shows no socket at the file; Unknown where it was not asked, or the caller may not connect.</summary>
    public Fact IsServed { get; init; }

    /// <summary>The errno of that connect(), by a datagram socket: 0, EPROTOTYPE (91), ECONNREFUSED (111), EACCES (13) …; null when it was
    /// not asked.</summary>
    public int? ConnectErrno { get; init; }

    /// <summary>The process that called listen() there, where no table shows the socket; null when it is not known.</summary>
    public ProcessRecord? Server { get; init; }

    /// <summary>The errno that a bind() there would meet before it looks at the name (ENOENT, ENOTDIR, EACCES, EROFS, ENAMETOOLONG as
    /// EINVAL); 0 for none.</summary>
    public int ParentErrno { get; init; }
}
