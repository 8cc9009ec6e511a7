using Bindwise.Model.Rules;

namespace Bindwise.Model.Snapshots;

/// <summary>What one real bind() answered: by raw system call, closed at once, never listening.</summary>
/// <param name="Request">Exactly what was asked.</param>
/// <param name="Errno">0 for success, else Linux's errno.</param>
public sealed record ProbeResult(BindRequest Request, int Errno);
