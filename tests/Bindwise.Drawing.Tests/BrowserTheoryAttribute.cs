namespace Bindwise.Drawing.Tests;

/// <summary>A test that looks at a picture in Chromium, and is skipped, with the reason, where none is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for it.</summary>
    public BrowserTheoryAttribute() => Skip = InstalledChromium.Missing;
}
