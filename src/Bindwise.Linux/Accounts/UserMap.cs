using System.Buffers.Text;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Accounts;

/// <summary>
/// Which users have an id in the user namespace of who asks (user_namespaces(7)). Of all others the kernel tells the overflow id, which
/// /etc/passwd names nobody.
/// </summary>
internal sealed class UserMap
{
    private const int LimitBytes = 64 * 1024;

    // DEFAULT_OVERFLOWUID.
    private const uint DefaultOverflow = 65534;

    private readonly uint _overflow;
    private readonly bool _isOverflowMapped;

    internal UserMap(ReadOnlySpan<byte> map, ReadOnlySpan<byte> overflow)
    {
        _overflow = Utf8Parser.TryParse(overflow, out uint number, out _) ? number : DefaultOverflow;
        // A map that cannot be read denies nothing.
        _isOverflowMapped = map.IsEmpty || Covers(map, _overflow);
    }

    internal static UserMap Read(string procRoot) =>
        new(Read(procRoot, "/self/uid_map"), Read(procRoot, "/sys/kernel/overflowuid"));

    /// <summary>The id stands for a user who has none in this namespace.</summary>
    internal bool IsOutside(uint user) => user == _overflow && !_isOverflowMapped;

    private static ReadOnlySpan<byte> Read(string procRoot, string name) =>
        ProcFile.ReadAll(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(procRoot + name + "\0"), LimitBytes, out var bytes) == Errno.None
            ? bytes : [];

    // Each line: the first id inside, the first outside, how many.
    private static bool Covers(ReadOnlySpan<byte> map, uint user)
    {
        foreach (var line in KernelText.Decode(map).Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 3 && uint.TryParse(fields[0], CultureInfo.InvariantCulture, out var first)
                && uint.TryParse(fields[2], CultureInfo.InvariantCulture, out var count) && user >= first && user - first < count)
                return true;
        }
        return false;
    }
}
