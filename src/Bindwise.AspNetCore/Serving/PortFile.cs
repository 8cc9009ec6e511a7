using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Http;

namespace Bindwise.AspNetCore;

/// <summary>The file that tells other programs where the server listens: complete or absent, never half written.</summary>
internal sealed class PortFile
{
    private readonly string _path;
    private readonly string _text;

    private PortFile(string path, string text)
    {
        _path = path;
        _text = text;
    }

    /// <exception cref="IOException">It cannot be written; the message names the file.</exception>
    public static PortFile Write(string path, IEnumerable<string> addresses)
    {
        var full = Path.GetFullPath(path);
        var text = new StringBuilder();
        foreach (var address in addresses)
            text.Append(CultureInfo.InvariantCulture, $"{PortOf(address)} {address}\n");
        var draft = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(draft, text.ToString());
            File.Move(draft, full, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StartFailure.Of(
                $"The port file {full} cannot be written: {exception.Message} Change {BindwiseOptions.SectionName}:"
                    + $"{nameof(BindwiseOptions.PortFile)}, or the permissions of the folder.", exception);
        }
        return new PortFile(full, text.ToString());
    }

    /// <summary>Removes it, unless another instance has written its own in the meantime.</summary>
    /// <returns>Why it could not be removed; null when it is gone, or another's.</returns>
    public string? Remove()
    {
        try
        {
            if (File.Exists(_path) && File.ReadAllText(_path) == _text)
                File.Delete(_path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static int PortOf(string address)
    {
        var parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe || parsed.IsNamedPipe ? 0 : parsed.Port;
    }
}
