using System.Globalization;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Accounts;

/// <summary>A user's home folder by passwd(5). Users that only a directory service knows have none here.</summary>
internal static class HomeFolder
{
    /// <summary>The folder, absolute and without a slash at its end; null for none.</summary>
    /// <param name="root">Where the host's files are.</param>
    /// <param name="uid">The user.</param>
    internal static string? Of(string root, uint uid)
    {
        _ = ProcFile.ReadAll(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(root + "/etc/passwd\0"), ConfigurationFile.MaximumBytes, out var bytes);
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var fields = KernelText.Decode(bytes[range]).Split(':');
            if (fields.Length >= 7 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id == uid)
                return fields[5] is ['/', _, ..] home ? home.TrimEnd('/') : null;
        }
        return null;
    }
}
