using System.Diagnostics;

namespace Bindwise.Linux.Listening;

/// <summary>
/// Keeps two processes that replace one left-over socket file apart: without it the second could remove the file that the first just made.
/// It is a lock of the folder itself, so it reaches across namespaces, leaves nothing behind, and ends with its process.
/// </summary>
internal static class FolderLock
{
    /// <summary>It is held for some system calls only; whoever holds it longer is not waited for.</summary>
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(1);

    /// <summary>Takes it; null where the folder may not be read, or somebody keeps it locked: then the inode alone is compared.</summary>
    internal static IDisposable? Take(SocketFileEntry entry)
    {
        if (OpenAt.Open(entry.Folder.Number, ".\0"u8, out var number) != Errno.None)
            return null;
        var folder = new SafeFileDescriptor(number);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var errno = FileLockCall.TryLock(folder);
            if (errno == Errno.None)
                return folder;
            if (errno is not (Errno.EAGAIN or Errno.EINTR) || Stopwatch.GetElapsedTime(started) > MaximumWait)
            {
                folder.Dispose();
                return null;
            }
            SleepCall.Wait(Random.Shared.Next(200, 1_000));
        }
    }
}
