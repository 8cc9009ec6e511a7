using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Roots;

/// <summary>A test of what the native program needs: skipped, with the reason, where it is not built.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute()
    {
        Skip = ProgramUnderTest.IsNative ? Requirements.Missing(["ldd", "objdump", "chroot"]) : "needs the native program: eng/publish";
        Timeout = Patience.OfATestMilliseconds;
    }
}
