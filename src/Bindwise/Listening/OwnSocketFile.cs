using Bindwise.Linux.Listening;

namespace Bindwise;

/// <summary>The file that a UNIX listener made, to be removed with it: only while it is still that very file.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="File">Which file it is.</param>
internal sealed record OwnSocketFile(string Path, UnixSocketFile File)
{
    /// <summary>Removes it, unless another one stands there by now.</summary>
    public void Remove()
    {
        if (OperatingSystem.IsLinux())
            _ = Remove(Path, File);
    }

    /// <summary>Removes a socket's file while it is the one that was looked at; false where it is not, or may not be removed.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public static bool Remove(string path, UnixSocketFile file)
    {
        if (UnixSocketFile.At(path) != file)
            return false;
        try
        {
            System.IO.File.Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder's rights changed: what bind() answers then names the file.
            return false;
        }
    }
}
