namespace Bindwise.Supervising.Holding;

/// <summary>
/// Which programs may end the listening of a socket that others have too: those of .NET, whose Dispose() calls connect() with AF_UNSPEC
/// when accept() is under way. To hand over connect() costs every connection to an IPv4 address some time, so it is done for them alone.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class DisconnectingProgram
{
    private const string Host = "dotnet";
    private const int MostThreads = 256;

    // What the build puts beside an executable of .NET that is not one whole file.
    private static readonly string[] Companions = [".runtimeconfig.json", ".dll"];

    /// <param name="command">A path, or a name to look for in PATH.</param>
    internal static bool Is(byte[] command)
    {
        var name = Encoding.UTF8.GetString(command);
        if (Path.GetFileName(name) == Host)
            return true;
        try
        {
            string[] folders =
                name.Contains('/', StringComparison.Ordinal) ? [""] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
            if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } found)
                return false;
            var file = File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found;
            return Path.GetFileName(file) == Host || Companions.Any(companion => File.Exists(file + companion));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>It is one by its threads, which the runtime names: of one whole file, or started by a script.</summary>
    internal static bool HasThreadsOf(int process)
    {
        foreach (var thread in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"), MostThreads))
        {
            if (ThreadFile.Read(thread, "comm"u8).StartsWith(".NET "u8))
                return true;
        }
        return false;
    }
}
