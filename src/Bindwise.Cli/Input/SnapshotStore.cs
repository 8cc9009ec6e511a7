using Bindwise.Linux.Files;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Input;

internal static class SnapshotStore
{
    /// <summary>Reads a file; whatever is wrong with it is one line that names it.</summary>
    public static ParseResult<SnapshotFile> Load(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var result = SnapshotFile.Read(stream);
            return result.IsSuccess ? result
                : new ParseResult<SnapshotFile>(null, SnapshotFile.WhyNot(path, result.Error!), result.Column);
        }
        catch (Exception exception) when (IsOfTheFileSystem(exception))
        {
            return new ParseResult<SnapshotFile>(null, $"cannot read the snapshot {path}: {Describe(path, exception)}");
        }
    }

    /// <summary>
    /// Writes a file that only its owner may read: command lines may hold secrets. On Linux nobody else's file, link or pipe is touched.
    /// </summary>
    /// <returns>What is wrong, one line; null when it was written.</returns>
    public static string? Save(string path, SnapshotFile file)
    {
        var content = new MemoryStream();
        SnapshotFile.Write(content, file);
        var fault = OperatingSystem.IsLinux() ? PrivateFile.Replace(path, content.GetBuffer().AsSpan(0, (int)content.Length))
            : Replace(path, content);
        return fault is null ? null : $"cannot save the snapshot to {path}: {fault}";
    }

    // A new file takes the name: whoever has the old one open sees nothing of this one.
    private static string? Replace(string path, MemoryStream content)
    {
        var beside = $"{path}.{Random.Shared.NextInt64():x16}";
        try
        {
            if (Directory.Exists(path))
                return "it is a folder";
            if (new FileInfo(path).LinkTarget is not null)
                return "it is a symbolic link; name the file itself";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(beside, options))
                content.WriteTo(stream);
            File.Move(beside, path, overwrite: true);
            return null;
        }
        catch (Exception exception) when (IsOfTheFileSystem(exception))
        {
            return Describe(path, exception);
        }
    }

    // An empty path or one with a zero byte is an ArgumentException.
    private static bool IsOfTheFileSystem(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private static string Describe(string path, Exception exception) =>
        Directory.Exists(path) ? "it is a folder"
            : exception is ArgumentException ? "that is not a file name" : SystemFault.Describe(exception);
}
