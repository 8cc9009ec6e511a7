using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Listening;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// A second name of a kept UNIX socket's file, in the same folder: <c>.app.sock.bindwise</c> of <c>app.sock</c>. A server that removes its
/// file, at its end or before bind(), parts the socket from every path, and whoever waits in it from the next start; with this name it is
/// put back. All of it is done with the rights of the program that made the file.
/// </summary>
internal sealed class SocketFileLink : IDisposable
{
    private readonly SocketFileEntry _file;
    private readonly ThreadRights _rights;
    private readonly string _path;
    private readonly byte[] _name;
    private readonly byte[] _second;
    private readonly byte[] _aside;

    // The first name was given back, and no start has it yet.
    private bool _isRestored;

    private SocketFileLink(SocketFileEntry file, string path, ThreadRights rights)
    {
        (_file, _path, _rights) = (file, path, rights);
        var name = Path.GetFileName(path);
        (_name, _second, _aside) = (Terminated.Of(name), Terminated.Of($".{name}.bindwise"), Terminated.Of($".{name}.bindwise-new"));
    }

    /// <summary>Gives the file of a socket the second name.</summary>
    /// <returns>Null where the file is no longer the socket's, or the system refuses.</returns>
    internal static SocketFileLink? Make(SafeFileDescriptor socket, string path, ThreadRights rights)
    {
        SocketFileLink? link = null;
        _ = Work(rights, () =>
        {
            if (SocketFileEntry.Of(socket, path) is not { } file)
                return Errno.ENOENT;
            var made = new SocketFileLink(file, path, rights);
            var errno = made.Add();
            if (errno == Errno.None)
                link = made;
            else
                file.Dispose();
            return errno;
        });
        return link;
    }

    /// <summary>Gives the file its first name back where the program has removed it.</summary>
    internal void Restore() => _ = Work(_rights, () =>
    {
        if (!_file.IsNamed(_second) || HasMoreNames())
            return Errno.ENOENT;
        var errno = FolderEntryCall.Link(_file.Folder.Number, _second, _name);
        _isRestored |= errno == Errno.None;
        return errno;
    });

    /// <summary>A start has the socket by its first name.</summary>
    internal void Taken() => _isRestored = false;

    /// <summary>Puts the file in the place of a new one, which the program has bound to the same path.</summary>
    /// <param name="rights">The program's now: the new file shows whose it is to be, and with what mode.</param>
    /// <param name="give">Puts the kept socket in the place of the new one; false: it is all undone.</param>
    internal bool TryReplace(TrappedSocket socket, ThreadRights rights, Func<bool> give)
    {
        if (Work(rights, () => PutInPlace(socket)) != Errno.None)
            return false;
        var isGiven = false;
        try
        {
            return isGiven = give();
        }
        finally
        {
            _ = Work(rights, isGiven ? Confirm : TakeBack);
        }
    }

    public void Dispose()
    {
        // A thread that the file system holds up has the folder open until it answers: its number must not become another folder's.
        var isBegun = 0;
        _ = Work(_rights, () =>
        {
            if (Interlocked.Exchange(ref isBegun, 1) != 0)
                return Errno.ENOENT;
            using (_file)
            {
                if (_isRestored && _file.IsNamed(_name))
                    _ = FolderEntryCall.Remove(_file.Folder.Number, _name);
                return _file.IsNamed(_second) ? FolderEntryCall.Remove(_file.Folder.Number, _second) : Errno.ENOENT;
            }
        });
        if (Interlocked.Exchange(ref isBegun, 1) == 0)
            _file.Dispose();
    }

    // One that a bindwise left that was killed goes.
    private Errno Add()
    {
        var folder = _file.Folder.Number;
        var errno = FolderEntryCall.Link(folder, _name, _second);
        if (errno == Errno.EEXIST && !_file.IsNamed(_second) && IsSocket(_second))
        {
            _ = FolderEntryCall.Remove(folder, _second);
            errno = FolderEntryCall.Link(folder, _name, _second);
        }
        // Between the look and the link the name can have become another file's.
        return _file.IsNamed(_second) ? Errno.None : errno == Errno.None ? Errno.ENOENT : errno;
    }

    private Errno PutInPlace(TrappedSocket socket)
    {
        using var there = socket.FileAt(_path);
        // With the mode that a bind() gives today, and no other owner's.
        if (there is null || there.Owner != _file.Owner || there.FolderFile != _file.FolderFile || !_file.IsNamed(_second)
            || HasMoreNames() || !_file.TrySetMode(there.Mode))
            return Errno.ENOENT;
        var folder = _file.Folder.Number;
        if (IsSocket(_aside))
            _ = FolderEntryCall.Remove(folder, _aside);
        var errno = FolderEntryCall.Link(folder, _name, _aside);
        return errno == Errno.None ? FolderEntryCall.Rename(folder, _second, _name) : errno;
    }

    private Errno Confirm()
    {
        _ = FolderEntryCall.Remove(_file.Folder.Number, _aside);
        return Add();
    }

    private Errno TakeBack()
    {
        _ = FolderEntryCall.Rename(_file.Folder.Number, _name, _second);
        return FolderEntryCall.Rename(_file.Folder.Number, _aside, _name);
    }

    /// <summary>
    /// The program has renamed it: the next start would find both names one file, and its rename() would leave both (rename(2)).
    /// </summary>
    private bool HasMoreNames() => StatusOf(_second) is { Links: var links } && links > (_file.IsNamed(_name) ? 2 : 1);

    private bool IsSocket(byte[] name) => StatusOf(name) is { Kind: FileStatus.KindSocket };

    private FileStatus? StatusOf(byte[] name)
    {
        using var found = FolderEntryCall.Find(_file.Folder.Number, name, out _);
        return found is not null && FileStatusCall.Fstat(found, out var status) == Errno.None ? status : null;
    }

    // The folder can lie on a file system that does not answer.
    private static Errno? Work(ThreadRights rights, Func<Errno> work) =>
        rights.IsOwn ? BoundedWork.TryRun(work, out var errno) ? errno : null : rights.TryWork(work);
}
