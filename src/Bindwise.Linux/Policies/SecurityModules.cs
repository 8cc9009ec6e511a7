using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Policies;

/// <summary>
/// Which of the kernel's security modules are active: by the kernel's own list, else by its file; null when neither tells.
/// </summary>
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

/// <summary>BPF programs that stand on the security hook of bind() (bpf_lsm_socket_bind), for all processes or for a cgroup's.</summary>
internal static class SecurityPrograms
{
    /// <summary>More programs are not looked through; a host with much monitoring has some hundreds.</summary>
    private const int MaximumPrograms = 16 * 1024;

    internal static void Read(HashSet<PolicyKind>? active, PolicyFindings findings)
    {
        if (active is not null && !active.Contains(PolicyKind.BpfLsm))
        {
            findings.Exclude(PolicyKind.BpfLsm);
            return;
        }
        var errno = List(out var programs);
        if (errno != Errno.None)
        {
            findings.Miss($"BPF programs as security modules ({errno})");
            return;
        }
        var hook = programs.Count == 0 ? null : HookOfBind();
        // Programs of systemd (restrict_filesystems) and of monitors stand on other hooks.
        programs.RemoveAll(program => hook is { } function && program.Function != 0 && program.Function != function);
        foreach (var program in programs)
            findings.Add(new PolicyRecord(PolicyKind.BpfLsm, Name: program.Name, Detail: hook is null ? null : "bpf_lsm_socket_bind"));
        if (programs.Count == 0)
            findings.Exclude(PolicyKind.BpfLsm);
    }

    private static Errno List(out List<BpfProgram> programs)
    {
        programs = [];
        uint id = 0;
        for (var i = 0; i < MaximumPrograms; i++)
        {
            var errno = BpfCall.NextProgram(id, out id);
            if (errno == Errno.ENOENT)
                return Errno.None;
            if (errno != Errno.None)
                return errno;
            errno = BpfCall.Describe(id, out var program);
            if (errno is not (Errno.None or Errno.ENOENT))
                return errno;
            if (errno == Errno.None && program.Type == BpfCall.SecurityProgram)
                programs.Add(program);
        }
        return Errno.None;
    }

    /// <summary>The BTF id of the hook's function; null when the kernel does not tell its types.</summary>
    private static uint? HookOfBind() => KernelLayout.Read(static typeInformation => KernelPlaces.Read(typeInformation, Hook)) is { } found
        ? (uint)found[Hook] : null;

    private static readonly KernelPlace Hook = KernelPlace.Function("bpf_lsm_socket_bind");
}

/// <summary>SELinux, AppArmor, Smack and TOMOYO: whether they are in force, and as what the process runs (/proc/PID/attr).</summary>
internal static class LabelPolicies
{
    private const string Enforcing = "/sys/fs/selinux/enforce";

    internal static void Read(PolicySubject subject, HashSet<PolicyKind>? active, ServiceFiles files, PolicyFindings findings)
    {
        ReadSELinux(subject, active, files, findings);
        ReadAppArmor(subject, active, files, findings);
        foreach (var kind in new[] { PolicyKind.Smack, PolicyKind.Tomoyo })
        {
            if (active is null ? kind == PolicyKind.Smack && IsUnknownTo(files, "smackfs") : !active.Contains(kind))
                findings.Exclude(kind);
            else if (active is not null)
                findings.Add(new PolicyRecord(kind,
                    Name: kind == PolicyKind.Smack ? files.Text(subject.ProcFolder + "/attr/current") : ""));
        }
    }

    /// <summary>
    /// Permissive, it logs and refuses nothing. Which type a port has stands in the compiled policy, which semanage reads: it is not told
    /// here.
    /// </summary>
    private static void ReadSELinux(PolicySubject subject, HashSet<PolicyKind>? active, ServiceFiles files, PolicyFindings findings)
    {
        if (active is null ? IsUnknownTo(files, "selinuxfs") : !active.Contains(PolicyKind.SELinux))
        {
            findings.Exclude(PolicyKind.SELinux);
            return;
        }
        var enforcing = files.Text(Enforcing);
        if (active is null && enforcing.Length == 0)
            return;
        findings.Add(new PolicyRecord(PolicyKind.SELinux, Name: files.Text(subject.ProcFolder + "/attr/current"),
            Detail: enforcing switch { "0" => "permissive", "1" => "enforcing", _ => null },
            Denies: enforcing == "0" ? Fact.No : Fact.Unknown));
    }

    /// <summary><c>unconfined</c>, or <c>/usr/sbin/nginx (enforce)</c>, <c>… (complain)</c>.</summary>
    private static void ReadAppArmor(PolicySubject subject, HashSet<PolicyKind>? active, ServiceFiles files, PolicyFindings findings)
    {
        var isEnabled =
            active is null ? files.Text("/sys/module/apparmor/parameters/enabled") : active.Contains(PolicyKind.AppArmor) ? "Y" : "N";
        if (isEnabled == "N" || (isEnabled.Length == 0 && files.Exists("/sys/module") && !files.Exists("/sys/module/apparmor")))
        {
            findings.Exclude(PolicyKind.AppArmor);
            return;
        }
        if (isEnabled != "Y")
            return;
        var label = files.Text(subject.ProcFolder + "/attr/apparmor/current");
        if (label.Length == 0)
            label = files.Text(subject.ProcFolder + "/attr/current");
        if (label == "unconfined")
        {
            findings.Exclude(PolicyKind.AppArmor);
            return;
        }
        var mode = label.LastIndexOf(" (", StringComparison.Ordinal) is var open and > 0 && label.EndsWith(')') ? label[(open + 2)..^1]
            : null;
        findings.Add(new PolicyRecord(PolicyKind.AppArmor,
            Name: mode is null ? label : label[..label.LastIndexOf(" (", StringComparison.Ordinal)], Detail: mode,
            Denies: mode == "complain" ? Fact.No : Fact.Unknown));
    }

    /// <summary>A security module that is in force has registered its file system, mounted or not.</summary>
    private static bool IsUnknownTo(ServiceFiles files, string fileSystem) =>
        files.Text("/proc/filesystems") is { Length: > 0 } known && !known.Contains(fileSystem, StringComparison.Ordinal);
}
