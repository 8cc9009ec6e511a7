using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Sockets;

/// <summary>The kinds of policies by the words of the JSON form and of snapshot files.</summary>
internal static class PolicyKinds
{
    private static readonly (PolicyKind Kind, string Word)[] Words =
    [
        (PolicyKind.Capability, "capability"), (PolicyKind.UserNamespace, "user-namespace"), (PolicyKind.CgroupBpf, "cgroup-bpf"), (PolicyKind.Seccomp, "seccomp"),
        (PolicyKind.SELinux, "selinux"), (PolicyKind.AppArmor, "apparmor"), (PolicyKind.Smack, "smack"), (PolicyKind.Tomoyo, "tomoyo"),
        (PolicyKind.Landlock, "landlock"), (PolicyKind.BpfLsm, "bpf-lsm"),
    ];

    public static string Name(PolicyKind kind) => Array.Find(Words, pair => pair.Kind == kind).Word ?? "";

    public static bool TryParse(string text, out PolicyKind kind)
    {
        var index = Array.FindIndex(Words, pair => pair.Word == text);
        kind = index < 0 ? default : Words[index].Kind;
        return index >= 0;
    }
}
