using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Policies;

/// <summary>Which of the kernel's security modules are active: by the kernel's own list, else by its file; null when neither tells.</summary>
internal static class SecurityModules
{
    private const string ListFile = "/sys/kernel/security/lsm";

    /// <summary>The kinds that a list may name, with their ids (LSM_ID_…, include/uapi/linux/lsm.h).</summary>
    private static readonly (PolicyKind Kind, ulong Id, string Name)[] Known =
    [
        (PolicyKind.SELinux, 101, "selinux"), (PolicyKind.Smack, 102, "smack"), (PolicyKind.Tomoyo, 103, "tomoyo"),
        (PolicyKind.AppArmor, 104, "apparmor"), (PolicyKind.BpfLsm, 109, "bpf"), (PolicyKind.Landlock, 110, "landlock"),
    ];

    /// <summary>The active kinds; null when it cannot be told.</summary>
    internal static HashSet<PolicyKind>? Read(ServiceFiles files)
    {
        if (SecurityModuleCall.List(out var ids) == Errno.None)
            return [.. Known.Where(known => ids.Contains(known.Id)).Select(static known => known.Kind)];
        return ParseFile(files.Text(ListFile));
    }

    /// <summary>The names in one line with commas; null for an empty one.</summary>
    internal static HashSet<PolicyKind>? ParseFile(string text)
    {
        if (text.Length == 0)
            return null;
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        return [.. Known.Where(known => names.Contains(known.Name, StringComparer.Ordinal)).Select(static known => known.Kind)];
    }
}
