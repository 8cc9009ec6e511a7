using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Callers;

/// <summary>The parents of this run of bindwise: the script, shell or session that must not be advised to be ended.</summary>
internal static class CallerAncestry
{
    private const int StatBytes = 1024;

    /// <summary>Their process ids, the nearest first; what /proc does not show ends the list.</summary>
    internal static ImmutableArray<int> Read()
    {
        Span<byte> buffer = stackalloc byte[StatBytes];
        var ids = ImmutableArray.CreateBuilder<int>();
        for (var id = Environment.ProcessId; ids.Count < ProcessTree.DepthLimit;)
        {
            using var access = ForeignAccess.To(ForeignKind.Process, id);
            if (!access.IsAllowed)
                break;
            var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat\0"));
            if (ProcFile.Read(OpenAt.WorkingDirectory, path, buffer, out var length) != Errno.None
                || !StatLine.TryParse(buffer[..length], out var stat) || stat.ParentId <= 0)
                break;
            ids.Add(id = stat.ParentId);
        }
        return ids.DrainToImmutable();
    }
}
