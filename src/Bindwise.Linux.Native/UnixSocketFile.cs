namespace Bindwise.Linux.Native;

/// <summary>One file of a UNIX socket, told apart from another at the same path by its inode.</summary>
internal readonly record struct UnixSocketFile(ulong Device, ulong Inode);
