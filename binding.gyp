{
  "variables": {
    # Warnings are errors in a checkout, not on the machine of somebody who only installs.
    "checkout%": "<!(node -p \"+require('node:fs').existsSync('test')\")",
    # Prebuilt binaries bring libstdc++ and libgcc along, so that any distribution's will do.
    "portable%": "<!(node -p \"process.env.PRONG_PREBUILD === '1' ? 1 : 0\")"
  },
  "targets": [
    {
      "target_name": "prong",
      "conditions": [
        ["OS=='linux'", {
          "sources": ["<!@(node scripts/sources.cjs)"],
          "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "src-native"],
          "defines": ["NAPI_VERSION=9", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "_GNU_SOURCE"],
          "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections", "-O2", "-g1"],
          # Node's own -O3 would come later and win: it makes the binary twice as large for 5 % at most.
          "configurations": { "Release": { "cflags!": ["-O3"] } },
          "cflags_cc": [
            "-std=gnu++20", "-fno-exceptions", "-fno-rtti",
            "-include", "<(module_root_dir)/src-native/util/glibc_floor.h"
          ],
          "cflags_cc!": ["-std=gnu++17", "-std=gnu++14"],
          "ldflags": ["-Wl,-z,now", "-Wl,--exclude-libs,ALL", "-Wl,--gc-sections"],
          "libraries": ["-lpthread"],
          "conditions": [
            ["checkout==1", { "cflags": ["-Werror"] }],
            ["portable==1", { "ldflags": ["-static-libstdc++", "-static-libgcc"] }]
          ]
        }, {
          # Elsewhere prong runs without the addon: src/fallback.
          "type": "none"
        }]
      ]
    }
  ]
}
