"""GLSL: one vertex and one fragment shader for everything, the material chosen per vertex."""

SKIN, TEETH, TONGUE, EYE, HAIR, BROW, SHIRT = range(7)

VERTEX = """
#version 330
uniform mat4 camera;
uniform vec3 eye;
uniform vec3 turn_axis;      // rotation vector of the head, radians
uniform vec3 pivot;
uniform vec3 shift;          // translation of the whole body
in vec3 position; in vec3 normal; in vec3 rest; in vec2 uv;
in vec4 extra;               // material, share of the head's turn, visibility, half width
out vec3 v_world; out vec3 v_normal; out vec3 v_rest; out vec2 v_uv; out vec2 v_extra; flat out int material;
invariant gl_Position;
vec3 spin(vec3 p, vec3 w) {  // Rodrigues' rotation
    float a = length(w);
    if (a < 1e-6) return p;
    vec3 k = w / a;
    return p * cos(a) + cross(k, p) * sin(a) + k * dot(k, p) * (1.0 - cos(a));
}
void main() {
    vec3 w = turn_axis * extra.y;
    vec3 p = spin(position - pivot, w) + pivot + shift;
    vec3 n = spin(normal, w);
    material = int(extra.x + 0.5);
    if (material == 4 || material == 5) {  // a strand: `normal` is its direction; widen it across the view
        vec3 side = normalize(cross(n, eye - p) + 1e-7);
        p += side * extra.w;
    }
    v_world = p; v_normal = n; v_rest = rest; v_uv = uv; v_extra = vec2(extra.z, extra.w);
    gl_Position = camera * vec4(p, 1.0);
}
"""

DEPTH_FRAGMENT = """
#version 330
in vec3 v_rest; flat in int material;
uniform vec3 neckline;
float neck_height(vec3 p) { return neckline.x + neckline.y * p.z + neckline.z * sqrt(p.x * p.x + 0.03); }
void main() {
    float h = v_rest.y - neck_height(v_rest);
    if ((material == 6 && h > 0.0) || (material == 0 && h < -0.12)) discard;
}
"""

FRAGMENT = """
#version 330
uniform vec3 eye;
uniform mat4 light_camera;
uniform sampler2DShadow shadow_map;
uniform sampler2D lips;
uniform vec3 key; uniform vec3 fill; uniform vec3 rim;   // directions to the lights
uniform vec3 neckline;
uniform vec3 skin_tone; uniform vec3 lip_tone; uniform vec3 hair_tone; 
uniform vec3 shirt_tone; uniform vec3 iris_tone;
uniform float mouth;         // 0 closed .. 1 open: how much light gets in
uniform float detail;        // 0 plain teeth and tongue, as in the driver clip .. 1 single teeth, a dark throat
uniform vec4 cheeks[8];      // rest position, radius: warm patches of skin
in vec3 v_world; in vec3 v_normal; in vec3 v_rest; in vec2 v_uv; in vec2 v_extra; flat in int material;
out vec4 colour;

float hash(vec3 p) { p = fract(p * 0.3183099 + 0.1); p *= 17.0;
    return fract(p.x * p.y * p.z * (p.x + p.y + p.z)); }
float noise(vec3 x) {
    vec3 i = floor(x), f = fract(x); f = f * f * (3.0 - 2.0 * f);
    float a = mix(hash(i), hash(i + vec3(1,0,0)), f.x);
    float b = mix(hash(i + vec3(0,1,0)), hash(i + vec3(1,1,0)), f.x);
    float c = mix(hash(i + vec3(0,0,1)), hash(i + vec3(1,0,1)), f.x);
    float d = mix(hash(i + vec3(0,1,1)), hash(i + vec3(1,1,1)), f.x);
    return mix(mix(a, b, f.y), mix(c, d, f.y), f.z);
}
float neck_height(vec3 p) { return neckline.x + neckline.y * p.z + neckline.z * sqrt(p.x * p.x + 0.03); }

float lit(vec3 p, vec3 n, int taps) {  // soft shadow of the key light
    vec4 q = light_camera * vec4(p + n * 0.012, 1.0);
    vec3 s = q.xyz * 0.5 + 0.5;
    float turn = 6.2832 * hash(v_rest * 91.7), total = 0.0;
    for (int i = 0; i < taps; i++) {
        float r = sqrt((float(i) + 0.5) / float(taps)) * 0.011, a = float(i) * 2.39996 + turn;
        total += texture(shadow_map, vec3(s.xy + r * vec2(cos(a), sin(a)), s.z - 0.0025));
    }
    return total / float(taps);
}
float gloss(vec3 n, vec3 v, vec3 l, float rough, float f0) {  // GGX with Schlick's Fresnel
    vec3 h = normalize(v + l);
    float a = rough * rough, nh = max(dot(n, h), 0.0), nl = max(dot(n, l), 0.0), nv = max(dot(n, v), 0.05);
    float d = a * a / (3.1416 * pow(nh * nh * (a * a - 1.0) + 1.0, 2.0));
    float k = (rough + 1.0) * (rough + 1.0) / 8.0;
    float g = nl / (nl * (1.0 - k) + k) / (nv * (1.0 - k) + k);
    return d * g * (f0 + (1.0 - f0) * pow(1.0 - max(dot(h, v), 0.0), 5.0)) * 0.25;
}
vec3 wrapped(float nl, vec3 wrap) {
    vec3 d = clamp((vec3(nl) + wrap) / (1.0 + wrap), 0.0, 1.0);
    return d * d * 0.35 + d * 0.65;
}

void main() {
    vec3 n = normalize(v_normal), v = normalize(eye - v_world);
    float ao = v_extra.x;
    const vec3 KEY = vec3(2.25, 2.12, 1.98), FILL = vec3(0.62, 0.68, 0.78), RIM = vec3(1.0, 0.95, 0.9);
    vec3 sky = vec3(0.60, 0.64, 0.70), ground = vec3(0.34, 0.29, 0.26);
    vec3 albedo, wrap = vec3(0.1), shine = vec3(0.0);
    float rough = 0.5, f0 = 0.028, spec = 1.0, shade = 1.0;
    if (material == 4 || material == 5) {  // strands: Kajiya and Kay's model
        vec3 t = n;
        n = normalize(v - t * dot(v, t) + 1e-5);
        vec3 tone = material == 4 ? hair_tone : hair_tone * 0.8;
        tone *= 0.72 + 0.56 * v_uv.x;                 // each strand its own brightness
        float s = lit(v_world, vec3(0.0), 4);
        float tl = dot(t, key), tv = dot(t, v);
        float sl = sqrt(max(1.0 - tl * tl, 0.0)), sv = sqrt(max(1.0 - tv * tv, 0.0));
        float first = pow(max(-tl * tv + sl * sv, 0.0), 60.0);
        float shiftd = clamp(tl + 0.12, -1.0, 1.0);
        float second = pow(max(-shiftd * tv + sqrt(1.0 - shiftd * shiftd) * sv, 0.0), 18.0);
        vec3 c = KEY * sl * s * 0.55 + FILL * 0.30 + mix(ground, sky, 0.5 + 0.5 * n.y) * 0.8;
        c *= tone * (0.25 + 0.75 * ao);
        if (material == 4) c += (first * 0.05 + second * 0.40 * tone * 2.2) * KEY * s * ao;
        c += tone * RIM * pow(max(dot(n, rim), 0.0), 2.0) * 0.25 * ao;
        colour = vec4(c, 1.0);
    } else {
        if (dot(n, v) < 0.0 && material == 6) { n = -n; ao *= 0.3; }
        if (material == 0) {
            float h = v_rest.y - neck_height(v_rest);
            if (h < -0.12) discard;
            float lip = texture(lips, v_uv).r;
            lip = smoothstep(0.25, 0.85, lip);
            float patches = 0.0;
            for (int i = 0; i < 8; i++) {
                vec3 d = v_rest - cheeks[i].xyz;
                patches += exp(-dot(d, d) / (cheeks[i].w * cheeks[i].w));
            }
            float mottle = noise(v_rest * 9.0) * 0.5 + noise(v_rest * 24.0) * 0.3;
            mottle += noise(v_rest * 60.0) * 0.2;
            albedo = skin_tone * (0.94 + 0.12 * mottle);
            albedo *= mix(vec3(1.0), vec3(1.03, 0.80, 0.78), clamp(patches, 0.0, 1.0) * 0.62);
            albedo = mix(albedo, lip_tone * (0.9 + 0.2 * noise(v_rest * vec3(90.0, 14.0, 14.0))), lip * 0.85);
            albedo = mix(albedo, hair_tone * 0.8, v_extra.y);
            wrap = vec3(0.42, 0.20, 0.14);
            rough = mix(0.47, 0.36, lip);
            spec = mix(0.85, 1.25, lip);
            vec3 fine = v_rest * 85.0;
            vec3 bump = vec3(noise(fine), noise(fine + 31.7), noise(fine + 77.1)) - 0.5;
            n = normalize(n + bump * 0.10);
        } else if (material == 1) {
            albedo = vec3(0.86, 0.82, 0.74); rough = 0.25; f0 = 0.04; wrap = vec3(0.3);
            float x = abs(v_rest.x), gap = 1.0;
            float ends[5] = float[5](0.0, 0.078, 0.138, 0.196, 0.245);
            for (int i = 0; i < 5; i++) gap *= 1.0 - 0.5 * exp(-pow((x - ends[i]) / 0.007, 2.0));
            albedo *= mix(1.0, gap * mix(0.85, 0.12, smoothstep(0.12, 0.26, x)), detail);
        } else if (material == 2) {
            albedo = vec3(0.50, 0.17, 0.16); rough = 0.35; wrap = vec3(0.4, 0.2, 0.2);
            float front = smoothstep(0.85, 1.18, v_rest.z) * (1.0 - smoothstep(0.08, 0.25, abs(v_rest.x)));
            albedo *= mix(1.0, (0.08 + 0.8 * front) * (0.85 + 0.3 * noise(v_rest * 40.0)), detail);
        } else if (material == 3) {
            float a = acos(clamp(v_rest.z, -1.0, 1.0));       // angle from the optical axis
            float iris = 1.0 - smoothstep(0.415, 0.445, a);
            float pupil = 1.0 - smoothstep(0.150, 0.172, a);
            float around = atan(v_rest.y, v_rest.x);
            float fibre = noise(vec3(cos(around), sin(around), 0.0) * 11.0 + vec3(0, 0, a * 5.0));
            fibre = 0.5 * fibre + 0.5 * noise(vec3(cos(around), sin(around), 1.0) * 23.0);
            vec3 inside = iris_tone * (0.55 + 0.9 * fibre) * mix(1.35, 0.8, smoothstep(0.17, 0.36, a));
            inside *= 1.0 - 0.75 * smoothstep(0.34, 0.44, a);
            vec3 white = vec3(0.83, 0.80, 0.78) - vec3(0.02, 0.10, 0.11) * smoothstep(0.7, 1.25, a);
            albedo = mix(white, mix(inside, vec3(0.006), pupil), iris);
            wrap = vec3(0.35, 0.30, 0.28); spec = 0.0;
            vec3 r = reflect(-v, n);
            float window = smoothstep(0.984, 0.991, dot(r, normalize(key + vec3(0.0, 0.22, 0.1))));
            shine = vec3(1.1) * window * (0.25 + 0.75 * ao);
            shine += vec3(0.10, 0.11, 0.13) * smoothstep(0.75, 1.0, dot(r, fill));
        } else {
            float h = v_rest.y - neck_height(v_rest);
            if (h > 0.0) discard;
            albedo = shirt_tone * (0.92 + 0.16 * noise(v_rest * vec3(70.0, 110.0, 70.0)));
            float band = smoothstep(-0.135, -0.125, h);
            albedo *= mix(1.0, 0.86 + 0.08 * sin(atan(v_rest.x, v_rest.z) * 260.0), band);
            albedo *= 1.0 - 0.35 * smoothstep(0.012, 0.0, abs(h + 0.13));
            rough = 0.8; spec = 0.25; wrap = vec3(0.15);
            float folds = noise(v_rest * vec3(2.2, 1.1, 2.2)) + 0.5 * noise(v_rest * vec3(5.0, 2.0, 5.0));
            n = normalize(n + 0.10 * vec3(dFdx(folds), dFdy(folds), 0.0) * 60.0);
        }
        float s = lit(v_world, normalize(v_normal), 12), nl = dot(n, key);
        if (material == 3) s = mix(s, 1.0, 0.25);
        if (material == 1 || material == 2) {
            s = mix(s, 1.0, 0.35) * mouth;
            ao = mix(0.04, max(ao, material == 1 ? 0.8 : 0.2), mouth);
        }
        vec3 soft = material == 0 ? pow(vec3(s), vec3(0.72, 1.0, 1.08)) : vec3(s);
        vec3 light = KEY * wrapped(nl, wrap) * soft * mix(0.55, 1.0, ao);
        light += FILL * wrapped(dot(n, fill), wrap) * ao;
        vec3 occlusion = material == 0 ? pow(vec3(ao), vec3(0.75, 1.05, 1.12)) : vec3(ao);
        light += mix(ground, sky, 0.5 + 0.5 * n.y) * occlusion * 0.78;
        float glint = gloss(n, v, key, rough, f0) * s + 0.35 * gloss(n, v, fill, rough, f0);
        float edge = pow(1.0 - max(dot(n, v), 0.0), 4.0);
        vec3 c = albedo * light * 0.60 + KEY * glint * spec * ao * 1.9;
        float back = material == 3 ? 0.0 : material == 6 ? 0.12 : 0.8;
        c += RIM * pow(max(dot(n, rim), 0.0), 1.5) * edge * 0.9 * ao * back;
        colour = vec4(c + shine, 1.0);
    }
    vec3 x = colour.rgb * 0.92;                                             // Hable-like shoulder, then sRGB
    x = x * (1.0 + x * 0.11) / (1.0 + x * 0.62) * 1.12;
    colour.rgb = mix(x * 12.92, 1.055 * pow(max(x, 0.0), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, x));
}
"""

BACKGROUND_VERTEX = """
#version 330
in vec2 corner; out vec2 at;
void main() { at = corner; gl_Position = vec4(corner, 0.9999, 1.0); }
"""

BACKGROUND_FRAGMENT = """
#version 330
in vec2 at; out vec4 colour;
float spot(vec2 c, float r) { return exp(-dot(at - c, at - c) / (r * r)); }
void main() {
    vec3 c = mix(vec3(0.60, 0.62, 0.64), vec3(0.74, 0.77, 0.80), 0.5 + 0.5 * at.y);
    c += vec3(0.11, 0.10, 0.08) * spot(vec2(-0.75, 0.55), 0.75);
    c -= vec3(0.09, 0.08, 0.06) * spot(vec2(1.1, -0.5), 0.9);
    c += vec3(0.02, 0.035, 0.03) * spot(vec2(0.95, 0.75), 0.45);
    float grain = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453);
    colour = vec4(c + (grain - 0.5) * 0.012, 1.0);
}
"""
