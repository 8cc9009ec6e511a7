using Bindwise.Linux.Live;

namespace Bindwise.Linux.Subjects;

/// <summary>A network namespace by what people call it: a process id, a name of ip-netns(8), or the path of a file.</summary>
internal static class NetworkFile
{
    private const string Named = "/run/netns/";

    /// <summary>Opens the file of a name or path; a process id is not its business.</summary>
    /// <param name="name">A name under /run/netns, or a path: then with a slash.</param>
    /// <exception cref="InspectionException">There is none, it may not be opened, or it is something else.</exception>
    internal static SafeFileDescriptor Open(string name, out string path)
    {
        path = name.Contains('/', StringComparison.Ordinal) ? name : Named + name;
        if (name.Length is 0 or > 4096 || name.Contains('\0', StringComparison.Ordinal) || name is "." or "..")
            throw new InspectionException(
                $"'{name}' is not the name of a network namespace: give a process id, a name that ip netns shows, or a path");
        using var access = ForeignAccess.ToPath(path);
        var file = new SafeFileDescriptor(-1);
        // Only a file: a pipe would wait for its other end.
        var errno = access.IsAllowed
            ? PlainFile.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path + '\0'), PathBounds.None, FileStatus.KindFile, out file)
            : Errno.ETIMEDOUT;
        if (errno == Errno.None && NamespaceCall.IsNetwork(file))
            return file;
        file.Dispose();
        throw new InspectionException(errno switch
        {
            Errno.None or Errno.EINVAL => $"{path} is not a network namespace",
            Errno.ETIMEDOUT => $"{path} cannot be opened: its file system does not answer",
            Errno.ENOENT when path != name =>
                $"there is no network namespace '{name}' ({Named} does not have it): give a process id, a name that ip netns shows, or a "
                    + "path",
            Errno.EACCES or Errno.EPERM => $"the network namespace {path} may not be opened by this user: run with sudo",
            _ => $"the network namespace {path} cannot be opened: {errno}",
        });
    }

    /// <summary>A name of ip-netns(8) stands there.</summary>
    internal static bool IsNamed(string name) =>
        !name.Contains('/', StringComparison.Ordinal)
            && FileStatusCall.Stat(Encoding.UTF8.GetBytes(Named + name + '\0'), out _) == Errno.None;

    internal static bool IsProcessId(string text, out int id) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;
}

/// <summary>
/// A network namespace as systemd makes it for a unit with PrivateNetwork=: new, with loopback up and nothing else. It is gone with the
/// thread.
/// </summary>
internal static class FreshNetwork
{
    /// <exception cref="InspectionException">The caller may not make one.</exception>
    internal static void Enter()
    {
        var errno = NetworkNamespaceCall.Unshare();
        if (errno != Errno.None)
            throw new InspectionException(
                $"the unit has its own network namespace, and creating one like it "
                    + (errno == Errno.EPERM ? "needs root (CAP_SYS_ADMIN)" : $"failed with {errno}"));
        try
        {
            NamespaceSetup.Build(hasPair: false);
        }
        catch (LiveUnavailableException e)
        {
            throw new InspectionException(e.Message, e);
        }
    }
}
