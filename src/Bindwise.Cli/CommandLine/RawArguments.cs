namespace Bindwise.Cli.CommandLine;

/// <summary>The command line as it was typed, byte by byte: .NET turns what is no UTF-8 into U+FFFD.</summary>
internal static class RawArguments
{
    private const string CommandLine = "/proc/self/cmdline";
    private const int LimitBytes = 4 * 1024 * 1024;

    /// <summary>The last arguments of this process; null where the system does not tell.</summary>
    public static byte[][]? Read(int count)
    {
        try
        {
            using var file = File.OpenRead(CommandLine);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int length;
            while ((length = file.Read(buffer)) > 0 && content.Length < LimitBytes)
                content.Write(buffer, 0, length);
            var words = new List<byte[]>();
            var rest = content.ToArray().AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf((byte)0);
                words.Add((end < 0 ? rest : rest[..end]).ToArray());
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
            return words.Count < count ? null : [.. words.TakeLast(count)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
