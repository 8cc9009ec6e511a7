namespace Bindwise.Linux.SockDiag;

/// <summary>
/// A file as unix_diag names it: the lower half of its inode, and the kernel's device number (major &lt;&lt; 20 | minor).
/// </summary>
/// <param name="Inode">The inode, cut to 32 bits.</param>
internal readonly record struct UnixFileId(uint Inode, uint Device);
