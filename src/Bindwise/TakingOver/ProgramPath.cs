namespace Bindwise;

/// <summary>Where a program is: before it is started, so that a wrong name is an error of the start and not of the child.</summary>
internal static class ProgramPath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The path of an executable file.</summary>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <exception cref="ArgumentException">It is empty, or has a NUL character.</exception>
    /// <exception cref="FileNotFoundException">It is not there, or is not executable.</exception>
    internal static string Find(string program)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        if (program.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A program's name cannot contain a NUL character.", nameof(program));
        var candidates = program.Contains('/', StringComparison.Ordinal)
            ? [program]
            : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program));
        return candidates.Select(Path.GetFullPath).FirstOrDefault(IsExecutable)
            ?? throw new FileNotFoundException($"{program} cannot be started: no executable file has that name{(program.Contains('/', StringComparison.Ordinal) ? "" : " in PATH")}.", program);
    }

    private static bool IsExecutable(string path) => File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
}
