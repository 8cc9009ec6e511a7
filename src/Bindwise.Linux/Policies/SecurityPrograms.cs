using Bindwise.Linux.Bpf;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes.TaskFiles;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Policies;

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
            findings.Add(new PolicyRecord { Kind = PolicyKind.BpfLsm, Name = program.Name, Detail = hook is null ? null : "bpf_lsm_socket_bind" });
        if (programs.Count == 0)
            findings.Exclude(PolicyKind.BpfLsm);
    }

    private static Errno List(out List<BpfProgram> programs)
    {
        programs = [];
        uint id = 0;
        for (var i = 0; i < MaximumPrograms; i++)
        {
            var errno = BpfObjectCall.NextProgram(id, out id);
            if (errno == Errno.ENOENT)
                return Errno.None;
            if (errno != Errno.None)
                return errno;
            errno = BpfObjectCall.Describe(id, out var program);
            if (errno is not (Errno.None or Errno.ENOENT))
                return errno;
            if (errno == Errno.None && program.Type == BpfObjectCall.SecurityProgram)
                programs.Add(program);
        }
        return Errno.None;
    }

    /// <summary>The BTF id of the hook's function; null when the kernel does not tell its types.</summary>
    private static uint? HookOfBind()
    {
        var errno = MappedFile.Open("/sys/kernel/btf/vmlinux\0"u8, TaskFileLayout.LimitBytes, out var file);
        using (file)
        {
            if (errno != Errno.None || !KernelTypes.TryOpen(file.Bytes, out var types))
                return null;
            while (types.TryNext())
            {
                if (types.Current == KernelTypes.Kind.Function && types.IsNamed("bpf_lsm_socket_bind"u8))
                    return (uint)types.Id;
            }
            return null;
        }
    }
}
