using Bindwise.Linux.Files;

namespace Bindwise.Supervising;

/// <summary>
/// A file to which lines are appended, each whole, for as long as somebody takes them: what it does not take at once is lost.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LineFile
{
    private readonly SafeFileDescriptor _file;

    private LineFile(SafeFileDescriptor file) => _file = file;

    /// <param name="path">The path; <c>-</c>: the standard output that the supervisor was started with.</param>
    /// <param name="fault">Why it cannot be written, one clause; null when it can.</param>
    public static LineFile? Open(string path, out string? fault, int output = SupervisorProcess.Output)
    {
        fault = null;
        if (path == "-")
            return new LineFile(new SafeFileDescriptor(output));
        return AppendedFile.Open(path, out fault) is { } file ? new LineFile(file) : null;
    }

    public void Write(ReadOnlySpan<byte> line) => _ = ReadWriteCall.Write(_file.Number, line, out _);
}
