using Bindwise.Linux.Proc;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Policies;

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
                findings.Add(new PolicyRecord { Kind = kind, Name = kind == PolicyKind.Smack ? files.Text(subject.ProcFolder + "/attr/current") : "" });
        }
    }

    /// <summary>
    /// Permissive, it logs and refuses nothing. Which type a port has stands in the compiled policy, which semanage reads: it is not told here.
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
        findings.Add(new PolicyRecord
        {
            Kind = PolicyKind.SELinux,
            Name = files.Text(subject.ProcFolder + "/attr/current"),
            Detail = enforcing switch { "0" => "permissive", "1" => "enforcing", _ => null },
            Denies = enforcing == "0" ? Fact.No : Fact.Unknown,
        });
    }

    /// <summary><c>unconfined</c>, or <c>/usr/sbin/nginx (enforce)</c>, <c>… (complain)</c>.</summary>
    private static void ReadAppArmor(PolicySubject subject, HashSet<PolicyKind>? active, ServiceFiles files, PolicyFindings findings)
    {
        var isEnabled = active is null ? files.Text("/sys/module/apparmor/parameters/enabled") : active.Contains(PolicyKind.AppArmor) ? "Y" : "N";
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
        var mode = label.LastIndexOf(" (", StringComparison.Ordinal) is var open and > 0 && label.EndsWith(')') ? label[(open + 2)..^1] : null;
        findings.Add(new PolicyRecord
        {
            Kind = PolicyKind.AppArmor,
            Name = mode is null ? label : label[..label.LastIndexOf(" (", StringComparison.Ordinal)],
            Detail = mode,
            Denies = mode == "complain" ? Fact.No : Fact.Unknown,
        });
    }

    /// <summary>A security module that is in force has registered its file system, mounted or not.</summary>
    private static bool IsUnknownTo(ServiceFiles files, string fileSystem) =>
        files.Text("/proc/filesystems") is { Length: > 0 } known && !known.Contains(fileSystem, StringComparison.Ordinal);
}
