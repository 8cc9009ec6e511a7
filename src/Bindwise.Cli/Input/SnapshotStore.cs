using Bindwise.Cli.Output;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Input;

/// <summary>Snapshot files on disk.</summary>
internal static class SnapshotStore
{
    /// <summary>Reads a file; whatever is wrong with it is one line that names it.</summary>
    public static ParseResult<SnapshotFile> Load(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var result = SnapshotFile.Read(stream);
            return result.IsSuccess ? result : new ParseResult<SnapshotFile>(null, $"{path} is not a snapshot: {result.Error}", result.Column);
        }
        catch (Exception exception) when (IsOfTheFileSystem(exception))
        {
            return new ParseResult<SnapshotFile>(null, $"cannot read the snapshot {path}: {Describe(path, exception)}");
        }
    }

    /// <summary>Writes a file that only its owner may read: command lines may hold secrets.</summary>
    /// <returns>What is wrong, one line; null when it was written.</returns>
    public static string? Save(string path, SnapshotFile file)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var stream = new FileStream(path, options);
            SnapshotFile.Write(stream, file);
            return null;
        }
        catch (Exception exception) when (IsOfTheFileSystem(exception))
        {
            return $"cannot save the snapshot to {path}: {Describe(path, exception)}";
        }
    }

    // An empty path or one with a zero byte is an ArgumentException.
    private static bool IsOfTheFileSystem(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private static string Describe(string path, Exception exception) =>
        Directory.Exists(path) ? "it is a folder" : exception is ArgumentException ? "that is not a file name" : SystemFault.Describe(exception);
}
