using Bindwise.Lab.Catalogue;

namespace Bindwise.Cli.Input;

internal static class ScenarioFiles
{
    /// <summary>
    /// Opens a file, a program of the catalogue by its name where no file is called so, or standard input for <c>-</c>; what is wrong is
    /// one line that names it.
    /// </summary>
    public static Stream? Open(string path, out string? fault)
    {
        fault = null;
        if (path == "-")
            return StandardStreams.OpenInput();
        if (!Path.Exists(path) && ScenarioCatalogue.ProgramText(path) is { } program)
            return new MemoryStream(Encoding.UTF8.GetBytes(program));
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            var what = Directory.Exists(path) ? "it is a folder"
                : exception is ArgumentException ? "that is not a file name" : SystemFault.Describe(exception);
            fault = $"cannot read {path}: {what}";
            return null;
        }
    }
}
