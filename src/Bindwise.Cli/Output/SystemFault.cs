namespace Bindwise.Cli.Output;

/// <summary>An exception of the file system in the words of errno(3), without the path, which the caller names.</summary>
internal static class SystemFault
{
    /// <summary>An empty name, or one with a zero byte, is an <see cref="ArgumentException"/>.</summary>
    public static bool IsOne(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    public static string Describe(string path, Exception exception) => Directory.Exists(path) ? "it is a folder"
        : exception is ArgumentException ? "that is not a file name" : Describe(exception);

    public static string Describe(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file or folder",
        UnauthorizedAccessException => "permission denied",
        PathTooLongException => "the name is too long",
        _ => FirstPart(exception.Message),
    };

    // The framework's messages go on with " : '/the/path'".
    private static string FirstPart(string message)
    {
        var end = message.IndexOf(" : '", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
