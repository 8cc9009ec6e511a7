namespace Bindwise.Linux.Native;

/// <summary>What struct bpf_prog_info tells of a program.</summary>
/// <param name="Type">enum bpf_prog_type.</param>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Maps">The ids of the maps that it uses.</param>
/// <param name="Function">The BTF id of the kernel's function that it stands on (attach_btf_id); 0 for none, or before Linux 5.19.</param>
internal sealed record BpfProgram(uint Type, string Name, uint[] Maps, uint Function);
