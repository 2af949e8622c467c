// Unpacks the Chromium of the npm package into TMPDIR and prints where it lies. Unpacked once, it is found again.
import chromium from '@sparticuz/chromium'

console.log(await chromium.executablePath())
